import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { pinnedName } from '../../../harness/kernels/fetch/pinned-name.js';
import { findKernel } from '../../../harness/kernels/kernel-entries.js';
import { obtainUrl } from '../../../harness/kernels/sources/url.js';
import type { UrlSource } from '../../../harness/matrix/types.js';
import { hasty, makeBench, rowOf } from './archive-context.js';
import { kernelFiles, makeDeb } from './archive-fixture.js';

const release = '3.5.0-030500-generic';

async function serveMainline(t: Test) {
  const bench = await makeBench(t);
  const image = { name: `linux-image-${release}`, version: '3.5.0', files: kernelFiles(release) };
  const extra = {
    name: `linux-image-extra-${release}`,
    version: '3.5.0',
    files: { [`lib/modules/${release}/kernel/fs/overlayfs/overlayfs.ko`]: '\x7fELF' },
  };
  const debs = [await makeDeb(bench.folder, image), await makeDeb(bench.folder, extra)];
  const urls = debs.map((deb) => `${bench.server.url}/${basename(deb)}`);
  const source: UrlSource = { kind: 'url', urls };
  const lockFile = join(bench.folder, 'kernels.lock');
  const pins = { known: join(bench.folder, 'known.lock'), own: lockFile };
  const obtain = (which = source, over = {}) =>
    obtainUrl(rowOf(which), which, { ...bench.context, ...over }, { patience: hasty, pins });
  return { ...bench, debs, urls, source, lockFile, pins, obtain };
}

t.test('packages named by URL make one kernel, and the first download pins them', async (t) => {
  const { obtain, lockFile, urls, warnings } = await serveMainline(t);
  const entry = await obtain();
  t.equal(entry.release, release);
  t.ok(existsSync(join(entry.modules ?? '', 'lib/modules', release, 'kernel/fs/overlayfs/overlayfs.ko')));
  const lock = await readFile(lockFile, 'utf8');
  t.match(lock, /^# /);
  const named = [...lock.matchAll(/^"(.*)":\n {2}[0-9a-f]{64}$/gm)].map(([, url]) => url);
  t.same(named, [...urls].sort());
  t.equal(warnings().filter((warning) => /trusted on first use/.test(warning)).length, 2);
});

t.test('pinned bytes are believed in silence, and taken from the cache', async (t) => {
  const { obtain, lockFile, server, warnings } = await serveMainline(t);
  await obtain();
  const lock = await readFile(lockFile, 'utf8');
  const said = warnings().length;
  server.requests.length = 0;
  await obtain();
  t.same(server.requests, []);
  t.equal(warnings().length, said);
  t.equal(await readFile(lockFile, 'utf8'), lock);
});

t.test('other bytes than the pinned ones are refused with both hashes, and how to accept them', async (t) => {
  const { obtain, folder, lockFile, urls } = await serveMainline(t);
  await obtain();
  const lock = await readFile(lockFile, 'utf8');
  const files = { ...kernelFiles(release), 'boot/config-x': 'CONFIG_OTHER=y\n' };
  await makeDeb(folder, { name: `linux-image-${release}`, version: '3.5.0', files });
  await rm(join(process.env.KMATRIX_CACHE ?? '', 'downloads'), { recursive: true });
  await t.rejects(obtain(), {
    name: 'ImageError',
    message: /wrong sha256: [0-9a-f]{64}, not [0-9a-f]{64}/,
    where: urls[0],
    remedy: /remove its line from .*kernels\.lock/,
  });
  t.equal(await readFile(lockFile, 'utf8'), lock, 'the lock file stays as it was');
});

t.test('a kernel in the cache answers to its row only while its pins hold', async (t) => {
  const { obtain, source, lockFile, pins } = await serveMainline(t);
  const known = async () => findKernel(await pinnedName(rowOf(source), source, pins));
  t.equal(await known(), undefined);
  const { id } = await obtain();
  t.equal((await known())?.id, id);
  const lock = await readFile(lockFile, 'utf8');
  await writeFile(lockFile, lock.replace(/ {2}[0-9a-f]{64}/, `  ${'0'.repeat(64)}`));
  t.equal(await known(), undefined, 'the lock file was changed');
  await writeFile(lockFile, lock);
  t.equal((await known())?.id, id);
});

t.test('a URL that is gone pins nothing', async (t) => {
  const { obtain, server, lockFile } = await serveMainline(t);
  await t.rejects(obtain({ kind: 'url', urls: [`${server.url}/none.deb`] }), {
    name: 'ImageError',
    message: /not there/,
  });
  t.notOk(existsSync(lockFile));
});

t.test('rows at work at once lose no line of each other', async (t) => {
  const { folder, server, lockFile, obtain } = await serveMainline(t);
  const names = ['a', 'b', 'c'];
  for (const name of names) await makeDeb(folder, { name, version: '1', files: kernelFiles(release) });
  await Promise.all(
    names.map((name) => obtain({ kind: 'url', urls: [`${server.url}/${name}_1_amd64.deb`] })),
  );
  t.equal([...(await readFile(lockFile, 'utf8')).matchAll(/^"http/gm)].length, 3);
});

t.test('an offline run has what was fetched before', async (t) => {
  const { obtain, server, source } = await serveMainline(t);
  await t.rejects(obtain(source, { offline: true }), { name: 'ImageError', message: /offline/ });
  await obtain();
  server.requests.length = 0;
  t.equal((await obtain(source, { offline: true })).release, release);
  t.same(server.requests, []);
});

t.test('a lock file that is none is an error with line and column, and is left alone', async (t) => {
  const { obtain, lockFile } = await serveMainline(t);
  for (const [text, where] of [
    ['"http://x/": "not a hash"\n', lockFile],
    ['a: [b\n', `${lockFile}:2:1`],
  ] as const) {
    await writeFile(lockFile, text);
    await t.rejects(obtain(), { name: 'UsageError', message: /not a lock file/, where });
    t.equal(await readFile(lockFile, 'utf8'), text);
  }
});
