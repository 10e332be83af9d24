import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { importedName } from '../../harness/kernels/binding.js';
import { obtainFile } from '../../harness/kernels/sources/file.js';
import { fakeBzImage } from '../kernels/fetch/archive-fixture.js';
import { kmatrix } from './kmatrix.js';

t.beforeEach(async (t) => {
  const folder = t.testdir({ cache: {} });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await writeFile(join(folder, 'bzImage'), fakeBzImage('3.2.71-mine'));
  for (const name of ['mine', 'other']) {
    await obtainFile(importedName(name), { kind: 'file', bzImage: join(folder, 'bzImage') });
  }
});

t.test('an import is taken back by its name, its kernel with the last name of it', async (t) => {
  const first = await kmatrix(['images', 'remove', 'mine']);
  t.equal(first.exitCode, 0, first.stderr);
  t.match(first.stdout, /^removed the name mine: 3\.2\.71-mine [0-9a-f]{12}; the kernel stays for other$/);
  t.match((await kmatrix(['images', 'list'])).stdout, /1 kernel,/);
  const second = await kmatrix(['images', 'remove', 'other']);
  t.match(second.stdout, /^removed other: 3\.2\.71-mine [0-9a-f]{12}, 0\.\d MiB freed$/);
  t.match((await kmatrix(['images', 'list'])).stdout, 'no kernel in the cache');
});

t.test('--json says what went', async (t) => {
  const { stdout } = await kmatrix(['images', 'remove', 'mine', '--json']);
  t.match(JSON.parse(stdout), {
    name: 'mine',
    kernel: { release: '3.2.71-mine' },
    kept: ['other'],
    made: [],
  });
});

t.test('a name that is none is a wrong word with the nearest one: exit 2, nothing removed', async (t) => {
  const mistyped = await kmatrix(['images', 'remove', 'mien']);
  t.equal(mistyped.exitCode, 2);
  t.match(mistyped.stderr, "no kernel was imported or built as 'mien'");
  t.match(mistyped.stderr, "did you mean 'mine'?");
  const unknown = await kmatrix(['images', 'remove', 'debian-6.1-cloud']);
  t.equal(unknown.exitCode, 2);
  t.match(unknown.stderr, 'kmatrix images list');
  t.match((await kmatrix(['images', 'list'])).stdout, /mine \(imported or built\), other/);
});

t.test('completion lists it', async (t) => {
  const { stdout } = await kmatrix(['completion-words', '--', 'images', 're']);
  t.equal(stdout, 'remove\tremove a kernel you imported or built, or a userland');
});

t.test('what can be taken back is what a shell completes', async (t) => {
  const { stdout } = await kmatrix(['completion-words', '--', 'images', 'remove', '']);
  t.same(stdout.split('\n'), ['mine\timported or built', 'other\timported or built']);
});
