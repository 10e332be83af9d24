import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { publishEntry } from '../../harness/cache/store.js';
import { type Verified, verifyCache } from '../../harness/cache/verify.js';
import { cacheFolder } from '../../harness/host/cache.js';

t.beforeEach((t) => {
  process.env.KMATRIX_CACHE = t.testdir();
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Verifies; after the first that it tells of, `meanwhile` happens. */
async function verify(meanwhile: () => Promise<unknown> = async () => {}): Promise<Verified[]> {
  const told: Verified[] = [];
  for await (const one of verifyCache()) {
    told.push(one);
    if (told.length === 1) await meanwhile();
  }
  return told;
}

/** A download as a file, and one as a folder with a package (apt's), in the order in which they are verified. */
async function fillDownloads(): Promise<{ readonly file: string; readonly folder: string }> {
  const downloads = await cacheFolder('downloads');
  const folder = join(downloads, sha256('a package'));
  await mkdir(folder);
  await writeFile(join(folder, 'linux-image.deb'), 'a package');
  const file = join(downloads, `sha256-${sha256('a file')}`);
  await writeFile(file, 'a file');
  return { folder, file };
}

t.test('downloads are told of as they are: well, or broken and removed', async (t) => {
  const { file } = await fillDownloads();
  t.same(
    (await verify()).map(({ kind, trouble }) => [kind, trouble]),
    [
      ['downloads', undefined],
      ['downloads', undefined],
    ],
  );
  await writeFile(file, 'damaged');
  const troubles = (await verify()).map(({ trouble }) => trouble);
  t.same(troubles, [undefined, 'its bytes are not those of its SHA-256']);
  t.equal((await verify()).length, 1, 'it is gone');
});

t.test('a download that another process prunes after it was listed is nothing to tell of', async (t) => {
  const { file, folder } = await fillDownloads();
  t.equal((await verify(() => rm(file))).length, 1);
  // a second package, so that the folder is not the first that is verified
  const other = join(await cacheFolder('downloads'), '0'.repeat(64));
  await mkdir(other);
  await writeFile(join(other, 'other.deb'), 'damaged');
  const told = await verify(() => rm(folder, { recursive: true }));
  t.same(
    told.map(({ name }) => name),
    ['other.deb'],
  );
});

t.test('an entry that another process prunes meanwhile is not called broken', async (t) => {
  const publish = (text: string) =>
    withStaging(async (staged) => {
      await writeFile(join(staged, 'file'), text);
      return publishEntry('initramfs', staged, { release: '6.1' });
    });
  const entries = [await publish('one'), await publish('two')].sort((a, b) => (a.id < b.id ? -1 : 1));
  const told = await verify(() => rm(entries[1]?.folder ?? '', { recursive: true }));
  t.same(
    told.map(({ id, trouble }) => [id, trouble]),
    [[entries[0]?.id, undefined]],
  );
});
