import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { importedName } from '../../harness/kernels/binding.js';
import { obtainFile } from '../../harness/kernels/sources/file.js';
import { obtainKernel } from '../../harness/kernels/sources/obtain-kernel.js';
import type { KernelSource } from '../../harness/matrix/types.js';
import { rowOf } from './fetch/archive-context.js';
import { fakeBzImage } from './fetch/archive-fixture.js';

t.beforeEach(async (t) => {
  const folder = t.testdir({ cache: {}, folder: {}, 'not-a-kernel': 'text', config: 'CONFIG_X=y\n' });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await writeFile(join(folder, 'bzImage'), fakeBzImage('3.2.71'));
  t.context.folder = folder;
});

const obtain = (source: KernelSource, baseFolder: string) =>
  obtainKernel(
    { ...rowOf(source), line: '3.2' },
    {
      onEvent: () => undefined,
      offline: true,
      signal: new AbortController().signal,
      baseFolder,
    },
  );

t.test('files relative to matrix.yml make a kernel; changed ones make another', async (t) => {
  const { folder } = t.context;
  await mkdir(join(folder, 'built/lib/modules/3.2.71'), { recursive: true });
  await writeFile(join(folder, 'built/lib/modules/3.2.71/modules.builtin'), 'kernel/fs/ext4/ext4.ko\n');
  const source = { kind: 'file', bzImage: 'bzImage', config: 'config', modules: 'built' } as const;
  const first = await obtain(source, folder);
  t.match(first, { release: '3.2.71', config: /config$/, modules: /modules$/ });
  t.equal((await obtain(source, folder)).id, first.id);
  await writeFile(join(folder, 'config'), 'CONFIG_X=m\n');
  t.not((await obtain(source, folder)).id, first.id);
});

t.test('what is no x86 kernel is refused by what it looks like', async (t) => {
  const { folder } = t.context;
  const elf = Buffer.alloc(4096);
  elf.write('\x7fELF', 'latin1');
  elf.writeUInt16LE(183, 18);
  await writeFile(join(folder, 'arm-elf'), elf);
  elf.writeUInt16LE(62, 18);
  await writeFile(join(folder, 'vmlinux'), elf);
  const arm64 = Buffer.alloc(4096);
  arm64.write('ARMd', 0x38, 'latin1');
  await writeFile(join(folder, 'Image'), arm64);
  await writeFile(join(folder, 'empty'), '');
  const cases = {
    'not-a-kernel': /only 4 bytes/,
    'arm-elf': /another architecture \(e_machine 183\)/,
    vmlinux: /vmlinux instead of bzImage/,
    Image: /an arm64 Image/,
    empty: /an empty file/,
    folder: /the kernel is a folder/,
    absent: /the kernel can't be read/,
  };
  for (const [bzImage, message] of Object.entries(cases)) {
    await t.rejects(obtain({ kind: 'file', bzImage }, folder), { name: 'ImageError', message }, bzImage);
  }
});

t.test('modules of another release are refused, and the remedy names the folder', async (t) => {
  const { folder } = t.context;
  await mkdir(join(folder, 'other/lib/modules/9.9'), { recursive: true });
  await t.rejects(obtain({ kind: 'file', bzImage: 'bzImage', modules: 'other' }, folder), {
    message: /no modules of 3\.2\.71/,
    remedy: /lib\/modules\/3\.2\.71/,
  });
});

t.test('an imported kernel answers to its name, and a mistyped name is told the nearest', async (t) => {
  const { folder } = t.context;
  const { id } = await obtainFile(importedName('mine'), { kind: 'file', bzImage: join(folder, 'bzImage') });
  t.equal((await obtain({ kind: 'imported', name: 'mine' }, folder)).id, id);
  await t.rejects(obtain({ kind: 'imported', name: 'mien' }, folder), {
    name: 'ImageError',
    remedy: "did you mean 'mine'?",
  });
});
