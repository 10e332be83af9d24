export type { Count } from '../statistics/count.js';
export type { ArmTally } from './arm-tally.js';
export { type Attribution, isReproduced } from './attribute.js';
export { type Arm, type Bug, findArm, findBug, loadBugs, type ReportsBug } from './bugs.js';
export type { Bundled, Part } from './bundle-finding.js';
export { type BundleOutcome, bundleReproduction, findingToBundle } from './bundle-reproduction.js';
export type { Chosen } from './choose-kernels.js';
export { type Churn, type ChurnRow, churnExitCode, measureChurn } from './churn.js';
export type { Finding } from './finding.js';
export type { MedianTime } from './median-time.js';
export type { OnOfficial } from './on-official.js';
export {
  type KernelReproduction,
  type Reproduction,
  reproduce,
  reproExitCode,
} from './reproduce.js';
