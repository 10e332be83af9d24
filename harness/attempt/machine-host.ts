import type { AcceleratorName, Qemu } from '../vm/types.js';
import type { LocalContent } from './local-content.js';

/** What a host is, for machines. */
export interface MachineHost {
  readonly qemu: Qemu;
  readonly accelerator: AcceleratorName;
  /** Nanoseconds of the calibration loop on this host (GuestBuild.calibrateOnHost). */
  readonly calibrationNs: number;
  readonly content: LocalContent;
}
