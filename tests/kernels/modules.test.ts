import t, { type Test } from 'tap';
import { orderModules } from '../../harness/kernels/modules.js';

/** A kernel of which depmod wrote this. */
function kernelWith(t: Test, files: Readonly<Record<string, string>>) {
  const modules = t.testdir({ lib: { modules: { '2.6.32': files } } });
  return {
    ...{ id: 'k', release: '2.6.32', folder: '', bzImage: '', provenance: '', seconds: 0 },
    modules,
  };
}

const old = `kernel/fs/btrfs/btrfs.ko: kernel/lib/libcrc32c.ko kernel/crypto/crypto.ko
kernel/lib/libcrc32c.ko: kernel/crypto/crypto.ko
kernel/crypto/crc32c.ko: kernel/crypto/crypto.ko
kernel/crypto/crypto.ko:
`;

t.test('libcrc32c of an old kernel gets the cipher that it asks for by name, first', async (t) => {
  const { paths } = await orderModules(kernelWith(t, { 'modules.dep': old }), ['btrfs']);
  t.same(
    paths.map((path) => path.replace(/^.*\//, '')),
    ['crypto.ko', 'crc32c.ko', 'libcrc32c.ko', 'btrfs.ko'],
  );
});

t.test('one that has it built in, or not at all, needs nothing more', async (t) => {
  const without = old.replace(/^kernel.crypto.crc32c.*\n/m, '');
  for (const files of [
    { 'modules.dep': old, 'modules.builtin': 'kernel/crypto/crc32c.ko\n' },
    { 'modules.dep': without },
  ]) {
    const { paths } = await orderModules(kernelWith(t, files), ['btrfs']);
    t.notOk(paths.includes('kernel/crypto/crc32c.ko'));
    t.equal(paths.at(-1), 'kernel/fs/btrfs/btrfs.ko');
  }
});
