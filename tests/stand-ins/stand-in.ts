import { join } from 'node:path';
import { projectRoot } from '../../harness/host/project.js';

/** Sorts of hosts, as to what a probe of KVM finds (tests/README.md). */
export const hostSorts = [
  'no-device',
  'no-permission',
  'refuses',
  'busy',
  'hangs',
  'first-instructions',
  'slow',
  'slower',
  'works',
] as const;
export type HostSort = (typeof hostSorts)[number];

/** Sorts of hosts on which the probe passes and kernels don't boot. */
export type DeceptiveSort = 'probe-only' | 'no-kernels' | 'some-kernels';

/** What a process finds in its environment on such a host. Its findings are its own: give it a cache, too. */
export function hostOfSort(sort: HostSort | DeceptiveSort): Record<string, string> {
  switch (sort) {
    case 'no-device':
      return { KMATRIX_KVM_DEVICE: '/dev/no-kvm' };
    case 'no-permission':
      // root opens whatever a file's mode says, but no setting of the kernel that can't be written
      return { KMATRIX_KVM_DEVICE: '/proc/sys/kernel/ostype' };
    default:
      return { KMATRIX_KVM_DEVICE: '/dev/null', KMATRIX_QEMU: join(projectRoot, 'tests', 'stand-ins', sort) };
  }
}
