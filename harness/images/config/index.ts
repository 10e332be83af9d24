export type { ConfigVerdict, GroupVerdict, OptionStatus, OptionVerdict } from './check-config.js';
export { checkConfig } from './check-config.js';
export { configSummary } from './config-summary.js';
export { findCachedKernel, meansFile } from './find-cached-kernel.js';
export type { KernelConfig } from './kernel-config.js';
export { parseKernelConfig } from './kernel-config.js';
export { optionGroups } from './option-table.js';
export { readKernelConfig } from './read-kernel-config.js';
export { unsetFacts } from './unset-facts.js';
