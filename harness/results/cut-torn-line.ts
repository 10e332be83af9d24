import { appendFile, open } from 'node:fs/promises';

const block = 64 * 1024;

/**
 * Cuts off what follows the last newline of a file: a line that a killed process didn't finish. It is kept aside, in
 * `FILE.torn`.
 *
 * @returns bytes of the file that are whole lines
 */
export async function cutTornLine(file: string): Promise<number> {
  await using handle = await open(file, 'a+');
  const { size } = await handle.stat();
  let whole = size;
  const torn: Buffer[] = [];
  while (whole > 0) {
    const from = Math.max(0, whole - block);
    const { buffer } = await handle.read(Buffer.alloc(whole - from), 0, whole - from, from);
    const newline = buffer.lastIndexOf(10);
    torn.unshift(buffer.subarray(newline + 1));
    whole = from + newline + 1;
    if (newline >= 0) break;
  }
  if (whole === size) return size;
  await appendFile(`${file}.torn`, Buffer.concat([...torn, Buffer.from('\n')]));
  await handle.truncate(whole);
  await handle.sync();
  return whole;
}
