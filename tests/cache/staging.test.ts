import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa, type Options } from 'execa';
import t, { type Test } from 'tap';
import { takeLock } from '../../harness/host/lock.js';
import { projectRoot } from '../../harness/host/project.js';
import { removeFolder } from '../../harness/host/remove-folder.js';

t.beforeEach((t) => {
  process.env.KMATRIX_CACHE = t.testdir({ staging: {} });
});

const staging = (): string => join(process.env.KMATRIX_CACHE ?? '', 'staging');

/** Modes mean something to root, too, without these. */
const asAnybody =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

/** Runs a program to its own end, where nothing is left that keeps it alive; it prints how its staging went. */
async function staged(work: string, before: readonly string[] = asAnybody): Promise<string> {
  const program = `
    import { withStaging } from '${import.meta.resolve('../../harness/cache/staging.js')}';
    import { chmod, mkdir, writeFile } from 'node:fs/promises';
    import { dirname, join } from 'node:path';
    await withStaging(async (folder) => { ${work} }).then(
      (result) => console.log('done', result),
      (error) => console.log(error.name, error.message),
    );
  `;
  const [command = '', ...words] = [...before, process.execPath, '--input-type=module', '-e', program];
  const options: Options = { cwd: projectRoot, timeout: 60_000, killSignal: 'SIGKILL' };
  return String((await execa(command, words, options)).stdout);
}

/** No lock is held: the helper of each is gone. */
async function nobodyLocks(t: Test): Promise<void> {
  const locks = join(process.env.KMATRIX_CACHE ?? '', 'locks');
  for (const name of await readdir(locks)) {
    const lock = await takeLock(join(locks, name), { wait: false });
    t.ok(lock, `${name} is free`);
    await lock?.release();
  }
}

/** As `cp --archive` leaves them of a tree after chmod -R a-w. */
const readOnly = `
  await mkdir(join(folder, 'tree/fs'), { recursive: true });
  await writeFile(join(folder, 'tree/fs/inode.c'), 'x');
  for (const path of ['tree/fs/inode.c', 'tree/fs', 'tree']) await chmod(join(folder, path), 0o555);
`;

t.test('a staged copy of a tree that nobody may write to is removed as any other', async (t) => {
  t.equal(await staged(`${readOnly} return 'well';`), 'done well');
  t.same(await readdir(staging()), []);
  t.same(await readdir(join(staging(), '../locks')), []);
});

t.test('a link in it is removed, and what it names stays as it is', async (t) => {
  const folder = t.testdir({
    kept: { file: '' },
    gone: { closed: { link: t.fixture('symlink', '../../kept') } },
  });
  await chmod(join(folder, 'kept'), 0o555);
  await chmod(join(folder, 'gone/closed'), 0o555);
  await removeFolder(join(folder, 'gone'));
  await removeFolder(join(folder, 'gone'));
  t.same(await readdir(folder), ['kept']);
  t.same(await readdir(join(folder, 'kept')), ['file']);
});

/** The folder itself can't be unlinked then. */
const closed = 'await chmod(dirname(folder), 0o555);';

t.test(
  'where it can’t be removed, the work’s error is the one that comes out, and the lock is free',
  async (t) => {
    t.equal(await staged(`${closed} throw new TypeError('of the work');`), 'TypeError of the work');
    t.equal((await readdir(staging())).length, 1);
    await nobodyLocks(t);
  },
);

t.test(
  'where it can’t be removed after work that ended well, that is told, and the lock is free',
  async (t) => {
    t.equal(await staged(`${closed} return 'well';`), 'HostError no permission');
    await nobodyLocks(t);
    await chmod(staging(), 0o755);
    t.equal(await staged(`return 'well';`), 'done well');
    t.same(await readdir(staging()), [], 'swept now that it can be');
  },
);

const mounting = ['unshare', '--user', '--map-root-user', '--mount'];
const mounts = (await execa('unshare', [...mounting.slice(1), 'true'], { reject: false })).exitCode === 0;

t.test(
  'a folder that stays whatever is done is in nobody’s way',
  { skip: !mounts && 'lacks permission to mount in a user namespace (unshare)' },
  async (t) => {
    const left = join(staging(), '0123456789abcdef');
    await mkdir(left);
    const mounted = [...mounting, 'sh', '-c', 'mount -t tmpfs left "$0" && exec "$@"', left];
    t.equal(await staged(`return 'well';`, mounted), 'done well');
    t.same(await readdir(staging()), ['0123456789abcdef']);
    await nobodyLocks(t);
  },
);
