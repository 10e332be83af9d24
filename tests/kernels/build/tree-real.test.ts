import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { readText } from '../../../harness/kernels/build/open-folder.js';
import { treeVersion } from '../../../harness/kernels/build/tree-version.js';
import { lineOf } from '../../../harness/versions/kernel-version.js';
import { makeWorkshop } from './tree-fixture.js';

/** A folder with a whole kernel: minutes of compiling, so only where somebody names one. */
const tree = process.env.KMATRIX_TEST_TREE;
const skip = tree === undefined ? 'KMATRIX_TEST_TREE names no kernel tree' : false;

t.test('a real kernel is built and boots to its first process', { skip, timeout: 3_600_000 }, async (t) => {
  const folder = tree ?? '';
  const line = lineOf(treeVersion(await readText(join(folder, 'Makefile')), folder));
  const shop = makeWorkshop(t);
  const kernel = await shop.build({
    rowId: `vanilla-${line}`,
    line,
    source: { kind: 'tree', folder, config: {}, patches: [] },
    onEvent: (event) => {
      if (event.type === 'image-step') t.comment(event.step);
    },
  });
  t.comment(`${kernel.provenance}, ${kernel.seconds} s`);
  // without an initramfs the kernel's last words are these: everything up to its first process works
  const machine = [
    '-machine',
    'pc',
    '-accel',
    'tcg',
    '-m',
    '256',
    '-nographic',
    '-no-reboot',
    '-nic',
    'none',
  ];
  const boot = ['-kernel', kernel.bzImage, '-append', 'console=ttyS0 panic=-1'];
  const { stdout } = await execa('qemu-system-x86_64', [...machine, ...boot], {
    reject: false,
    stdin: 'ignore',
    // 2.6.32 ignores panic=-1 and stops
    timeout: 120_000,
    maxBuffer: 4 * 1024 * 1024,
  });
  t.match(stdout, new RegExp(`Linux version ${kernel.release.replaceAll('.', '\\.')} `));
  t.match(stdout, /VFS: Unable to mount root fs|VFS: Cannot open root device/);
});
