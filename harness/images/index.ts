export {
  type BoundName,
  boundNames,
  importedName,
  type KernelName,
  listBindings,
  rowName,
} from './binding.js';
export {
  findKernel,
  listKernels,
  openKernel,
  publishKernel,
  removeKernel,
  type StagedKernel,
} from './cache.js';
export { buildControlModule, controlModuleName } from './control-module.js';
export { buildForkLibrary } from './fork-library.js';
export { buildGuest, type GuestBuild, type GuestBuildOptions } from './guest-build.js';
export { importedRow } from './imported-row.js';
export { buildImage, type ImageParts } from './initramfs.js';
export { isOfLine } from './is-of-line.js';
export { keyedEntry } from './keyed-entry.js';
export { type ModuleOrder, orderModules } from './modules.js';
export { openImage } from './open-image.js';
export { buildProbeGuest, type ProbeGuest } from './probe-guest.js';
export { type Pruned, type PruneLimits, pruneCache } from './prune.js';
export { pruneTemplates, templatesMiB } from './prune-templates.js';
export { type Purity, purityOf } from './purity.js';
export { type RemovedKernel, removeImported } from './remove-imported.js';
export { cachedKernel, rowsInCache } from './sources/cached-kernel.js';
export { obtainFile } from './sources/file.js';
export { obtainKernel } from './sources/index.js';
export type { ObtainOptions } from './sources/options.js';
export { withStaging } from './staging.js';
export { removeEntry, type StoredEntry } from './store.js';
export { buildSupplied, type SuppliedBuild } from './tree/build-supplied.js';
export { buildTree, type TreeBuild } from './tree/build-tree.js';
export { compareTrees, type TreeComparison } from './tree/compare-trees.js';
export { coreId } from './tree/tree-core.js';
export type { Image, ImageEvent, KernelEntry } from './types.js';
export { type Verified, verifyCache } from './verify.js';
