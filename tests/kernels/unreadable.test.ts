import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t from 'tap';
import { HostError } from '../../harness/errors.js';
import { asHostError } from '../../harness/host/file-errors.js';
import { kmatrixScript } from '../cli/kmatrix.js';
import { fakeBzImage } from './fetch/archive-fixture.js';

/** root reads everything, but for one that gave that up (capabilities(7)); another user might not get at this checkout. */
const [program, ...before] =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', process.execPath, kmatrixScript]
    : [process.execPath, kmatrixScript];

t.test('a file of the user’s that can’t be read is named, and the cache isn’t blamed for it', async (t) => {
  const folder = t.testdir({ cache: {}, built: {}, closed: {} });
  const cache = join(folder, 'cache');
  const bzImage = join(folder, 'bzImage');
  const modules = join(folder, 'built/lib/modules/3.2.71');
  await mkdir(modules, { recursive: true });
  await writeFile(bzImage, fakeBzImage('3.2.71'));
  await writeFile(join(folder, 'config'), 'CONFIG_X=y\n');
  await writeFile(join(modules, 'ext4.ko'), 'a module');
  const importing = (...words: string[]) =>
    execa(program ?? '', [...before, 'images', 'import', 'mine', ...words], {
      env: { KMATRIX_CACHE: cache, NODE_OPTIONS: '' },
      reject: false,
      cwd: '/',
    });
  const well = await importing(bzImage, '--modules', join(folder, 'built'));
  t.equal(well.exitCode, 0, well.stderr);

  const refused = async (path: string, exitCode: number, ...words: string[]) => {
    await chmod(path, 0);
    const result = await importing(...words);
    await chmod(path, 0o755);
    t.equal(result.exitCode, exitCode, result.stderr);
    t.match(`${result.stderr}\n`, `  at ${path}\n`);
    t.notMatch(result.stderr, /KMATRIX_CACHE|staging\/[^']*\n {2}because/);
  };
  await refused(bzImage, 2, bzImage);
  await refused(join(folder, 'config'), 2, bzImage, '--config', join(folder, 'config'));
  await refused(join(modules, 'ext4.ko'), 3, bzImage, '--modules', join(folder, 'built'));
  await refused(modules, 3, bzImage, '--modules', join(folder, 'built'));
});

t.test('what is the cache’s trouble stays the cache’s', async (t) => {
  process.env.KMATRIX_CACHE = '/home/me/cache';
  const where = '/home/me/cache/staging/host-1-abc';
  const error = (code: string, path: string) => Object.assign(new Error(code), { code, path });
  const cases = [
    // of a copy, `path` is what is read; the space is missing where it is written
    { code: 'ENOSPC', path: '/home/me/bzImage', at: where },
    { code: 'EACCES', path: `${where}/bzImage`, at: where },
    { code: 'EACCES', path: '/home/me/cache/kernels/abc', at: where },
    { code: 'EACCES', path: '/home/me', at: where },
    { code: 'EACCES', path: '/home/me/bzImage', at: '/home/me/bzImage' },
  ];
  for (const { code, path, at } of cases) {
    const made = asHostError(error(code, path), where);
    t.ok(made instanceof HostError && made.where === at, `${code} of ${path} is ${at}`);
  }
});
