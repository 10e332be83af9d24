import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { takeLock } from '../../harness/host/lock.js';
import { projectRoot } from '../../harness/host/project.js';
import { importedName } from '../../harness/kernels/binding.js';
import {
  findKernel,
  listKernels,
  openKernel,
  publishKernel,
  removeKernel,
} from '../../harness/kernels/kernel-entries.js';

t.beforeEach((t) => {
  process.env.KMATRIX_CACHE = t.testdir({});
});

async function publish(name: string, kernel = 'kernel bytes') {
  return withStaging(async (folder) => {
    await writeFile(join(folder, 'bzImage'), kernel);
    await writeFile(join(folder, 'config'), 'CONFIG_X=y\n');
    const modules = join(folder, 'modules/lib/modules/6.1.0-test');
    await mkdir(join(modules, 'kernel'), { recursive: true });
    await writeFile(join(modules, 'kernel/a.txt'), 'not a module');
    await symlink('/usr/src', join(modules, 'build'));
    return publishKernel(importedName(name), {
      folder,
      release: '6.1.0-test',
      provenance: 'test',
      seconds: 1,
    });
  });
}

t.test('a published kernel is found again by name, whole, with modules.dep and without links', async (t) => {
  const published = await publish('one');
  t.same(await findKernel(importedName('one')), published);
  t.equal(await findKernel(importedName('other')), undefined);
  const names = await readdir(join(published.modules ?? '', 'lib/modules/6.1.0-test'));
  t.ok(names.includes('modules.dep'));
  t.notOk(names.includes('build'));
  t.same(await readdir(join(published.folder, 'modules')), ['lib']);
});

t.test('equal bytes give one entry, other bytes another', async (t) => {
  const [a, b, c] = [await publish('a'), await publish('b'), await publish('c', 'other')];
  t.equal(a.id, b.id);
  t.not(a.id, c.id);
  t.equal((await listKernels()).length, 2);
});

t.test(
  'a flipped byte in the kernel is noticed although size and time are right, and the place is free again',
  async (t) => {
    const { folder, bzImage } = await publish('one');
    await writeFile(bzImage, 'kernel byteS');
    t.equal(await findKernel(importedName('one')), undefined);
    t.notOk((await readdir(join(folder, '..'))).includes(folder.slice(-64)), 'moved away');
    const again = await publish('one');
    t.equal(await readFile(again.bzImage, 'utf8'), 'kernel bytes');
    t.ok(await findKernel(importedName('one')));
  },
);

t.test(
  'a changed, short or missing module breaks the entry; a mere copy with other times does not',
  async (t) => {
    const path = 'modules/lib/modules/6.1.0-test/kernel/a.txt';
    for (const text of ['not a modulE', 'short']) {
      const { folder } = await publish('one');
      await writeFile(join(folder, path), text);
      await utimes(join(folder, path), 1, 1);
      t.equal(await findKernel(importedName('one')), undefined, text);
    }
    const { folder } = await publish('one');
    await utimes(join(folder, path), 1, 1);
    t.ok(await findKernel(importedName('one')));
  },
);

t.test('a manifest that was tampered with is no manifest', async (t) => {
  const { folder } = await publish('one');
  const text = await readFile(join(folder, 'entry.json'), 'utf8');
  await writeFile(join(folder, 'entry.json'), text.replace('"bytes":12', '"bytes":13'));
  t.equal(await findKernel(importedName('one')), undefined);
});

t.test('a removed kernel is gone', async (t) => {
  const { id } = await publish('one');
  await removeKernel(id);
  t.equal(await findKernel(importedName('one')), undefined);
  t.same(await listKernels(), []);
});

t.test(
  'nothing half-written stays when publishing fails, and a killed run leaves nothing for long',
  async (t) => {
    const cache = process.env.KMATRIX_CACHE ?? '';
    await t.rejects(
      withStaging(async (folder) => {
        await writeFile(join(folder, 'bzImage'), 'x');
        throw new Error('stop');
      }),
      /stop/,
    );
    t.same(await readdir(join(cache, 'staging')), []);
    const killed = execa(
      'node',
      [
        '--input-type=module',
        '-e',
        `
    import { withStaging } from '${import.meta.resolve('../../harness/cache/staging.js')}';
    await withStaging(async () => { process.kill(process.pid, 'SIGKILL'); await new Promise((go) => setTimeout(go, 9e4)); });
  `,
      ],
      { cwd: projectRoot, reject: false },
    );
    t.equal((await killed).signal, 'SIGKILL');
    const [left, ...others] = await readdir(join(cache, 'staging'));
    t.ok(left !== undefined && others.length === 0);
    // flock(1) follows its parent's pipe
    await (await takeLock(join(cache, 'locks', `staging-${left}`), { wait: true }))?.release();
    await withStaging(async () => undefined);
    t.same(await readdir(join(cache, 'staging')), []);
  },
);

/** A namespace of its own, as a container has: this process's number means nothing in it, the host's name is the same. */
const elsewhere = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];
const namespaces = (await execa('unshare', [...elsewhere, 'true'], { reject: false })).exitCode === 0;

t.test(
  'a folder that is in use stays, also for a process to which its user’s number means nothing',
  { skip: !namespaces && 'lacks permission to make a PID namespace (unshare)' },
  async (t) => {
    const cache = process.env.KMATRIX_CACHE ?? '';
    const program = `
      import { withStaging } from '${import.meta.resolve('../../harness/cache/staging.js')}';
      await withStaging(async () => undefined);
    `;
    const other = [process.execPath, '--input-type=module', '-e', program];
    await withStaging(async (folder) => {
      await execa('unshare', [...elsewhere, ...other], { cwd: projectRoot });
      t.ok(existsSync(folder));
    });
    t.same(await readdir(join(cache, 'staging')), []);
    t.same(await readdir(join(cache, 'locks')), []);
  },
);

t.test('a full disk is a HostError and leaves no entry', async (t) => {
  const cache = process.env.KMATRIX_CACHE ?? '';
  const program = `
    import { withStaging } from '${import.meta.resolve('../../harness/cache/staging.js')}';
    import { writeFile } from 'node:fs/promises';
    process.on('SIGXFSZ', () => undefined);
    await withStaging(async (folder) => {
      await writeFile(folder + '/bzImage', Buffer.alloc(200_000));
    }).catch((error) => console.log(error.name, error.message));
  `;
  const { stdout } = await execa(
    'bash',
    ['-c', 'ulimit -f 64; exec node --input-type=module -e "$1"', 'x', program],
    { cwd: projectRoot },
  );
  t.match(stdout, /^HostError a file grew over the limit/);
  t.same(await readdir(join(cache, 'staging')), []);
});

t.test('two processes that publish the same kernel at once both succeed', async (t) => {
  const program = `
    import { importedName } from '${import.meta.resolve('../../harness/kernels/binding.js')}';
    import { publishKernel } from '${import.meta.resolve('../../harness/kernels/kernel-entries.js')}';
    import { withStaging } from '${import.meta.resolve('../../harness/cache/staging.js')}';
    import { writeFile } from 'node:fs/promises';
    const kernel = await withStaging(async (folder) => {
      await writeFile(folder + '/bzImage', Buffer.alloc(1e6));
      return publishKernel(importedName('race'), { folder, release: '1.2', provenance: 'test', seconds: 0 });
    });
    console.log(kernel.id);
  `;
  const run = () => execa('node', ['--input-type=module', '-e', program], { cwd: projectRoot });
  const [a, b] = await Promise.all([run(), run()]);
  t.equal(a.stdout, b.stdout);
  t.equal((await listKernels()).length, 1);
});

t.test(
  'a cache that may not be written is a HostError',
  { skip: process.getuid?.() === 0 && 'root may write anything' },
  async (t) => {
    await chmod(process.env.KMATRIX_CACHE ?? '', 0o500);
    await t.rejects(publish('one'), { name: 'HostError' });
  },
);

t.test('an id out of a stranger’s run names no folder but an entry’s', async (t) => {
  const cache = t.testdir({ kernels: {}, precious: { file: 'kept' } });
  process.env.KMATRIX_CACHE = cache;
  for (const id of ['../precious', '', '.', join(cache, 'precious'), '../../precious'])
    t.equal(await openKernel(id), undefined);
  t.equal(await readFile(join(cache, 'precious/file'), 'utf8'), 'kept');
  t.ok(existsSync(join(cache, 'kernels')));
  await t.rejects(removeKernel('../precious'), { name: 'HarnessBug' });
});
