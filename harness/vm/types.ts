/** A machine as data, before it is a process. */

import type { MachineShape } from '../matrix/types.js';

export type AcceleratorName = 'kvm' | 'tcg';

export interface Accelerator {
  readonly name: AcceleratorName;
  /** Why this one: "KVM never ran the probe guest within 5 s". */
  readonly reason: string;
}

export interface Qemu {
  readonly binary: string;
  /** 7.2.22 */
  readonly version: string;
  /** What its builder says of it: "Debian 1:7.2+dfsg-7+deb12u18"; absent where it says nothing. */
  readonly build?: string;
}

export interface MachineSpec {
  readonly qemu: Qemu;
  readonly accelerator: AcceleratorName;
  readonly bzImage: string;
  readonly initramfs: string;
  /** Read-only, in this order: /dev/vda, /dev/vdb, …; 8 at most. */
  readonly disks?: readonly Disk[];
  readonly shape: MachineShape;
  /** After kmatrix's own console and loglevel arguments. */
  readonly bootArguments: readonly string[];
}

/** A file that a machine has as a disk. */
export interface Disk {
  /** By content. */
  readonly id: string;
  readonly path: string;
}

/** How the QEMU process ended. */
export interface MachineExit {
  /** done: the guest powered off or rebooted (-no-reboot); killed: by us; died: QEMU itself failed. */
  readonly how: 'done' | 'killed' | 'died';
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** QEMU's own last words (stderr), bounded. */
  readonly stderr: string;
}
