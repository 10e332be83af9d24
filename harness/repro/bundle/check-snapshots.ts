import { open } from 'node:fs/promises';
import { UsageError } from '../../errors.js';

/**
 * A qcow2 image can name another file as its backing or data file, which QEMU would open: one that came with a bundle may
 * name none (docs/interop/qcow2.txt: backing_file_offset, incompatible_features, header extensions).
 *
 * @throws UsageError
 */
export async function checkSnapshots(path: string, bundle: string): Promise<void> {
  const header = Buffer.alloc(112);
  const file = await open(path);
  try {
    await file.read(header, 0, header.length, 0);
  } finally {
    await file.close();
  }
  const version = header.readUInt32BE(4);
  const isOurs =
    header.toString('latin1', 0, 4) === 'QFI\xfb' &&
    version === 3 &&
    header.readBigUInt64BE(8) === 0n &&
    // dirty and corrupt (bits 0 and 1) are states; the others change what the file refers to, or how
    (header.readBigUInt64BE(72) & ~3n) === 0n;
  if (isOurs) return;
  throw new UsageError('the bundle is hostile or broken: its snapshots refer to other files', {
    where: bundle,
    remedy: 'nothing of it was run; ask whoever gave it to you',
  });
}
