import type { LocalAttempt } from '../../attempt/types.js';
import type { Report } from '../../diagnosis/types.js';
import type { MachineSpec } from '../../vm/types.js';
import type { Recording } from './record-attempt.js';

/** An attempt to be put into a bundle, with what came of it. */
export interface BundleRequest {
  readonly attempt: LocalAttempt;
  /** The machine that it ran on. */
  readonly spec: MachineSpec;
  /** ISO time of its start: the machine's clock in the bundle. */
  readonly startedAt: string;
  /** ttyS0 as seen. */
  readonly console: string;
  /** The report that decided, or null where the kernel had nothing to report. */
  readonly report: Report | null;
  /** The same attempt on one vCPU, recorded. */
  readonly recording?: Recording | undefined;
  /** The guest's memory as an ELF core (dumpGuestMemory): a path on this host. */
  readonly vmcore?: string | undefined;
  /** Puts the kernel's vmlinux in, for gdb, where the cache has it (kernels built from trees): some 10 MiB. */
  readonly symbols?: boolean;
}
