import { machineSlot } from './command-line.js';
import type { Machine } from './machine.js';

/**
 * Puts a file in the place of the blank disk that each machine has; the guest is told nothing, and reads it past its page cache.
 * A drive of a device that works may be changed since QEMU 5.2 (qdev-properties-system.c, set_drive).
 *
 * @param path of the file, whole blocks of 512 bytes, 1 GiB at most
 * @throws QmpError where QEMU can't open it, or is too old
 */
export async function fillSlot({ qmp }: Pick<Machine, 'qmp'>, path: string): Promise<void> {
  const node = { driver: 'file', 'node-name': 'files', filename: path, 'read-only': true };
  await qmp.execute('blockdev-add', node);
  await qmp.execute('qom-set', {
    path: `/machine/peripheral/${machineSlot}`,
    property: 'drive',
    value: 'files',
  });
}
