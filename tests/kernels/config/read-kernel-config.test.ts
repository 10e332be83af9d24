import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { readKernelConfig } from '../../../harness/kernels/config/read-kernel-config.js';

const text = '# Linux/x86_64 3.2.71 Kernel Configuration\nCONFIG_MEMCG=y\n';

/** A bzImage as boot.rst lays it out: setup sectors, header, then the payload; nothing in it would boot. */
function bzImage(payload: Buffer, release: string): Buffer {
  const setupSectors = 3;
  const setup = Buffer.alloc((setupSectors + 1) * 512);
  setup.writeUInt8(setupSectors, 0x1f1);
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(0x020a, 0x206);
  setup.writeUInt16LE(0x300, 0x20e);
  setup.write(`${release} (builder@host) #1 SMP\0`, 0x500, 'latin1');
  setup.writeUInt32LE(16, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(16), payload, Buffer.alloc(64)]);
}

const vmlinux = (config: Buffer): Buffer =>
  Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(100, 7), config, Buffer.alloc(100, 9)]);
const marked = (data: Buffer): Buffer =>
  Buffer.concat([Buffer.from('IKCFG_ST'), data, Buffer.from('IKCFG_ED')]);
const trailer = Buffer.from([1, 2, 3, 4]);

async function file(t: Pick<Test, 'testdir'>, name: string, bytes: Buffer | string): Promise<string> {
  const path = join(t.testdir(), name);
  await writeFile(path, bytes);
  return path;
}
t.test('a plain file, a gzipped one and a stream read the same', async (t) => {
  const plain = await readKernelConfig(await file(t, 'config', text), 'config');
  t.equal(plain.version, '3.2.71');
  t.same(await readKernelConfig(await file(t, 'config.gz', gzipSync(text)), 'config.gz'), plain);
  t.same(await readKernelConfig(Readable.from([Buffer.from(text)]), 'standard input'), plain);
  t.same(await readKernelConfig(Readable.from([gzipSync(text)]), 'standard input'), plain);
});

const body = vmlinux(marked(gzipSync('CONFIG_MEMCG=y\n')));

t.test('a kernel with IKCONFIG is read in each of its compressions', async (t) => {
  const compress = async (name: string, ...words: string[]) => {
    const { stdout } = await execa(name, words, { input: body, encoding: 'buffer' });
    return Buffer.concat([Buffer.from(stdout), trailer]);
  };
  const payloads = {
    gzip: gzipSync(body),
    xz: await compress('xz', '-c', '--check=crc32'),
    lzma: await compress('xz', '-c', '--format=lzma'),
    bzip2: await compress('bzip2', '-c'),
    zstd: await compress('zstd', '-c', '-q'),
  };
  for (const [name, payload] of Object.entries(payloads)) {
    const path = await file(t, name, bzImage(payload, '3.2.71-test'));
    const config = await readKernelConfig(path, name);
    t.equal(config.values.get('MEMCG'), 'y', name);
    t.equal(config.version, '3.2.71-test', 'a configuration without a header has its kernel’s release');
  }
  const elf = await readKernelConfig(await file(t, 'vmlinux', body), 'vmlinux');
  t.equal(elf.values.get('MEMCG'), 'y', 'uncompressed');
});

t.test('a kernel without one, or with a broken one, says so', async (t) => {
  const bare = bzImage(gzipSync(vmlinux(Buffer.alloc(0))), '3.2.71');
  await t.rejects(readKernelConfig(await file(t, 'bare', bare), 'bare'), {
    name: 'UsageError',
    message: /carries no configuration/,
  });
  const broken = vmlinux(marked(Buffer.from('not gzip')));
  await t.rejects(readKernelConfig(await file(t, 'broken', broken), 'broken'), { name: 'UsageError' });
  const strange = bzImage(Buffer.alloc(100, 0xaa), '3.2.71');
  await t.rejects(readKernelConfig(await file(t, 'strange', strange), 'strange'), {
    message: /compressed in a way/,
  });
  const cut = bzImage(gzipSync(body).subarray(0, 30), '3.2.71');
  await t.rejects(readKernelConfig(await file(t, 'cut', cut), 'cut'), { name: 'UsageError', where: 'cut' });
  const outside = bzImage(gzipSync('x'), '3.2.71');
  outside.writeUInt32LE(0xfffffff0, 0x248);
  await t.rejects(readKernelConfig(await file(t, 'outside', outside), 'outside'), { name: 'UsageError' });
});

t.test('what is cut, absent or something else is one clear error', async (t) => {
  const cut = gzipSync(text).subarray(0, 40);
  await t.rejects(readKernelConfig(await file(t, 'cut.gz', cut), 'cut.gz'), {
    name: 'UsageError',
    message: /broken gzip/,
  });
  await t.rejects(readKernelConfig('/nonexistent/config', '/nonexistent/config'), {
    name: 'UsageError',
    where: '/nonexistent/config',
  });
  await t.rejects(readKernelConfig(t.testdir(), 'a folder'), { name: 'UsageError' });
  await t.rejects(readKernelConfig(Readable.from([]), 'nothing'), { name: 'UsageError' });
});
