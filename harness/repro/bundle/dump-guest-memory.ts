import { open, rm, stat } from 'node:fs/promises';
import { HostError } from '../../errors.js';
import { withFileErrors } from '../../host/file-errors.js';
import type { Machine } from '../../vm/machine.js';
import { QmpError } from '../../vm/qmp.js';

/**
 * Writes the guest's memory as an ELF core that crash(8) and gdb read (QMP dump-guest-memory): by physical address, since
 * a kernel that oopsed may have broken its own page tables. The machine stands still meanwhile and goes on afterwards.
 *
 * @param file must not exist; gone where this fails
 * @returns bytes written: the guest's memory and a header
 * @throws HostError where QEMU can't, or the disk is full; a QmpError of kind Closed where the machine has ended
 */
export async function dumpGuestMemory(machine: Machine, file: string): Promise<number> {
  return withFileErrors(file, async () => {
    // QEMU truncates whatever it finds: an older file is nothing it may take
    await (await open(file, 'wx')).close();
    try {
      await machine.qmp.execute(
        'dump-guest-memory',
        { paging: false, protocol: `file:${file}`, format: 'elf' },
        { timeoutSeconds: dumpSeconds },
      );
      return (await stat(file)).size;
    } catch (error) {
      await rm(file, { force: true });
      // only what QEMU itself says of the dump is about the disk
      if (!(error instanceof QmpError) || error.kind !== 'GenericError') throw error;
      throw new HostError(`the guest's memory can't be dumped: ${error.message}`, {
        where: file,
        remedy: 'free space there: as much as the machine has memory',
        cause: error,
      });
    }
  });
}

/** 64 GiB at the speed of a slow disk. */
const dumpSeconds = 1800;
