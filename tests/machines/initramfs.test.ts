import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import { importedName } from '../../harness/kernels/binding.js';
import { publishKernel } from '../../harness/kernels/kernel-entries.js';
import { orderModules } from '../../harness/kernels/modules.js';
import { debianKernel } from './debian-kernel.js';

// The bytes come from the shared cache; all that these tests break is a copy in a cache of their own.
const shared = await debianKernel();
process.env.KMATRIX_CACHE = t.testdir();
const release = shared.release;
const wanted = ['veth', 'overlay'];
const kernel = await withStaging(async (folder) => {
  await cp(shared.bzImage, join(folder, 'bzImage'));
  const modules = `lib/modules/${release}`;
  await mkdir(join(folder, 'modules', modules), { recursive: true });
  const { paths } = await orderModules(shared, [...wanted, 'btrfs']);
  for (const path of paths)
    await cp(join(shared.modules ?? '', modules, path), join(folder, 'modules', modules, path));
  return await publishKernel(importedName('copy'), { folder, release, provenance: 'a copy', seconds: 0 });
});
const program = join(t.testdirName, 'program');
await writeFile(program, 'not a real program, only its bytes matter here');
const guest = { id: 'guest', agent: program, workloads: new Map([['burn', program]]) };

const listed = async (initramfs: string): Promise<string[]> => {
  const { stdout } = await execa('cpio', ['-it', '--quiet'], { inputFile: initramfs });
  return stdout.split('\n');
};

t.test('modules load after what they need, and what a kernel lacks is said', async (t) => {
  const { paths, absent } = await orderModules(kernel, ['btrfs', 'no-such-module']);
  const names = paths.map((path) => path.replace(/^.*\/|\.ko.*$/g, ''));
  t.equal(names.at(-1), 'btrfs');
  for (const needed of ['xor', 'raid6_pq'])
    t.ok(names.indexOf(needed) >= 0 && names.indexOf(needed) < names.length - 1, needed);
  t.same(absent, ['no-such-module']);
});

t.test('an initramfs holds the agent, the workloads, the modules wanted and nothing more', async (t) => {
  const image = await buildImage({ kernel, guest, modules: wanted });
  const files = await listed(image.initramfs);
  for (const path of [
    'init',
    'workloads/burn',
    'modules/order',
    'modules/veth.ko',
    'modules/overlay.ko',
    'dev/console',
  ]) {
    t.ok(files.includes(path), path);
  }
  t.notOk(
    files.some((path) => path.includes('btrfs')),
    'btrfs was not asked for',
  );
  t.same(image.modules.filter((name) => wanted.includes(name.replace('.ko', ''))).length, wanted.length);
});

t.test(
  'modules that are offered lie apart with what they need, and none is loaded by the agent',
  async (t) => {
    const image = await buildImage({
      kernel,
      guest,
      modules: ['veth'],
      offered: ['btrfs', 'no-such-module'],
    });
    const files = await listed(image.initramfs);
    for (const path of ['offered/btrfs', 'offered/btrfs.ko', 'offered/xor.ko', 'modules/veth.ko'])
      t.ok(files.includes(path), path);
    t.same(
      files.filter((path) => path.startsWith('modules/')),
      ['modules/order', 'modules/veth.ko'],
    );
    t.notOk(files.includes('offered/no-such-module'));
    t.same(image.modules, ['veth.ko']);
    t.not(image.id, (await buildImage({ kernel, guest, modules: ['veth'] })).id);
  },
);

t.test('the same parts give the same bytes, other parts another image', async (t) => {
  const [one, again, other] = [
    await buildImage({ kernel, guest, modules: wanted }),
    await buildImage({ kernel, guest, modules: wanted }),
    await buildImage({ kernel, guest, modules: ['veth'] }),
  ];
  t.equal(one.id, again.id);
  t.same(await readFile(one.initramfs), await readFile(again.initramfs));
  t.not(one.id, other.id);
});

t.test('a broken initramfs in the cache is made anew, never run', async (t) => {
  const first = await buildImage({ kernel, guest, modules: wanted });
  const good = await readFile(first.initramfs);
  await appendFile(first.initramfs, 'one byte more');
  const second = await buildImage({ kernel, guest, modules: wanted });
  t.same(await readFile(second.initramfs), good);
  t.equal(second.id, first.id);
});

t.test('a module that is not what was published is refused by name', async (t) => {
  const { paths } = await orderModules(kernel, ['btrfs']);
  const path = paths.find((one) => one.includes('btrfs')) ?? '';
  await appendFile(join(kernel.modules ?? '', 'lib/modules', release, path), 'one byte more');
  await t.rejects(buildImage({ kernel, guest, modules: ['btrfs'] }), {
    message: /btrfs.*(not what was published|broken)|broken/,
  });
});
