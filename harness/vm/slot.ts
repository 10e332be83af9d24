import { HostError } from '../errors.js';
import { machineSlot } from './command-line.js';
import type { Machine } from './machine.js';
import { isQemuAtLeast } from './qemu.js';
import type { Qemu } from './types.js';

const oldest = [6, 2] as const;

/**
 * Puts a file in the place of the blank disk that each machine has; the guest is told nothing, and bypasses its page cache.
 * The drive of a device in use may be changed since QEMU 6.2 (realized_set_allowed, hw/core/qdev-properties.c).
 *
 * @param path of the file: whole blocks of 512 bytes, `slotBytes` at most
 * @throws HostError where QEMU is too old; QmpError where it can't open the file, or has ended
 */
export async function fillSlot(
  { qmp }: Pick<Machine, 'qmp'>,
  { version }: Qemu,
  path: string,
): Promise<void> {
  if (!isQemuAtLeast(version, oldest)) {
    throw new HostError(`QEMU ${version} can't pass files to a running machine`, {
      remedy: `use QEMU ${oldest.join('.')} or newer`,
    });
  }
  const node = { driver: 'file', 'node-name': 'files', filename: path, 'read-only': true };
  await qmp.execute('blockdev-add', node);
  await qmp.execute('qom-set', {
    path: `/machine/peripheral/${machineSlot}`,
    property: 'drive',
    value: 'files',
  });
}
