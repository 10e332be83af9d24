import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cacheFolder } from '../../harness/host/cache.js';
import { sha256File } from '../../harness/host/hash.js';
import { buildGuest, buildImage, pruneTemplates } from '../../harness/images/index.js';
import { MachineSource, type Wanted } from '../../harness/schedule/boot/machine-source.js';
import type { Opened } from '../../harness/schedule/boot/opened.js';
import { findQemu, liveMachineCount } from '../../harness/vm/index.js';
import { debianKernel } from './debian-kernel.js';

const kernel = await debianKernel();
const guest = await buildGuest();
const image = await buildImage({ kernel, guest, modules: [] });
const qemu = await findQemu();

/** A cache of its own, so that every test makes its template itself. */
function ownCache(t: Test): void {
  const before = process.env.KMATRIX_CACHE;
  process.env.KMATRIX_CACHE = t.testdir();
  t.teardown(() => {
    if (before === undefined) delete process.env.KMATRIX_CACHE;
    else process.env.KMATRIX_CACHE = before;
  });
}

const wanted = (over: Partial<Wanted['spec']> = {}, start: Wanted['start'] = 'template'): Wanted => ({
  kernel: 'debian-6.1-cloud',
  kernelId: kernel.id,
  release: kernel.release,
  imageId: image.id,
  start,
  spec: {
    qemu,
    accelerator: 'tcg',
    bzImage: kernel.bzImage,
    initramfs: image.initramfs,
    shape: { cpus: 2, memoryMiB: 128 },
    bootArguments: [],
    ...over,
  },
});

function sourceOf(t: Test, signal = new AbortController().signal) {
  const refused: string[] = [];
  const source = new MachineSource({
    standbys: 2,
    signal,
    onRefused: (name, reason) => void refused.push(`${name}: ${reason}`),
  });
  t.teardown(() => source[Symbol.asyncDispose]());
  return { source, refused };
}

/** Runs burn once and gives its end. */
async function burn({ session, machine }: Opened, seed: number): Promise<string> {
  session.start({
    workload: 'burn',
    seed,
    iterations: 1,
    time: Math.floor(Date.now() / 1000),
    entropy: '5a'.repeat(32),
    args: {},
  });
  const done = await session.done();
  await machine.end();
  return `${done?.status} ${done?.iterations}`;
}

const templates = async (): Promise<string[]> => readdir(await cacheFolder('templates'));

t.test('one boot, and then machines that answer at once, several from one memory', async (t) => {
  ownCache(t);
  const { source, refused } = sourceOf(t);
  const first = await source.open(wanted());
  const [id = ''] = await templates();
  const memory = join(await cacheFolder('templates'), id, 'memory');
  const bytes = await sha256File(memory);
  const others = await Promise.all([source.open(wanted()), source.open(wanted())]);
  const all = [first, ...others];
  for (const { start, boot, earlier } of all) {
    t.equal(start, 'template');
    t.equal(boot.ready?.release, kernel.release);
    t.match(earlier, /Linux version 6\.1\./, 'the boot’s words belong to each attempt');
  }
  t.same(await Promise.all(all.map((opened, seed) => burn(opened, seed))), Array(3).fill('passed 1'));
  t.equal(await sha256File(memory), bytes, 'what guests write stays their own');
  t.ok((await stat(memory)).blocks * 512 < 128 * 2 ** 20, 'a file with holes');
  t.same(refused, []);
  t.comment(
    `ready ${all.map(({ readySeconds }) => readySeconds?.toFixed(2)).join(', ')} s after it was asked for`,
  );
});

t.test(
  'a template is found again, made anew where it was damaged, and another shape has its own',
  async (t) => {
    ownCache(t);
    const open = async (request: Wanted) => {
      await using source = new MachineSource({
        standbys: 0,
        signal: new AbortController().signal,
        onRefused: (_, reason) => t.fail(reason),
      });
      await burn(await source.open(request), 1);
    };
    await open(wanted());
    const [id = ''] = await templates();
    await open(wanted());
    t.same(await templates(), [id]);
    const state = join(await cacheFolder('templates'), id, 'state');
    const bytes = await readFile(state);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(state, bytes);
    await open(wanted());
    const [again = ''] = await templates();
    t.not(again, id, 'one flipped bit, and it is booted again');
    await open(wanted({ shape: { cpus: 1, memoryMiB: 128 } }));
    t.equal((await templates()).length, 2);
    const removed = await pruneTemplates(0);
    t.equal(removed.length, 2);
    t.same(await templates(), []);
  },
);

t.test('a template that is pruned while it is used still restores', async (t) => {
  ownCache(t);
  const { source } = sourceOf(t);
  await burn(await source.open(wanted()), 1);
  await rm(await cacheFolder('templates'), { recursive: true });
  t.equal(await burn(await source.open(wanted()), 2), 'passed 1');
});

t.test('a machine stands by for the next attempt, is taken, and ends with its source', async (t) => {
  ownCache(t);
  const before = liveMachineCount();
  const { source, refused } = sourceOf(t);
  await burn(await source.open(wanted()), 1);
  source.expect([wanted(), wanted()]);
  const taken = await source.open(wanted());
  t.equal(taken.start, 'template');
  t.equal(liveMachineCount() - before, 2, 'the one taken, and one that waits');
  await burn(taken, 2);
  source.expect([]);
  await source[Symbol.asyncDispose]();
  t.equal(liveMachineCount(), before);
  t.same(refused, []);
});

t.test('where no template can be had the machine boots, and the reason is told', async (t) => {
  ownCache(t);
  const { source, refused } = sourceOf(t);
  // no such program: the kernel panics instead of becoming ready, from a template as from a boot
  const hopeless = await source.open(wanted({ bootArguments: ['rdinit=/nowhere', 'init=/nowhere'] }));
  t.match(hopeless, { start: 'cold', boot: { ready: null, end: 'exited' } });
  t.match(refused, [/^debian-6\.1-cloud: no template of 6\.1\..*: it was never ready$/]);
  await hopeless.machine.end();
  t.same(await templates(), []);
});

t.test('cold means a boot, and makes no template', async (t) => {
  ownCache(t);
  const { source } = sourceOf(t);
  const opened = await source.open(wanted({}, 'cold'));
  t.match(opened, { start: 'cold', earlier: '' });
  t.equal(await burn(opened, 1), 'passed 1');
  t.same(await templates(), []);
});

t.test('an interruption ends the making of a template and leaves nothing', async (t) => {
  ownCache(t);
  const before = liveMachineCount();
  const abort = new AbortController();
  const { source } = sourceOf(t, abort.signal);
  const opening = source.open(wanted());
  setTimeout(() => abort.abort(new Error('enough')), 800);
  await t.rejects(opening, { message: 'enough' });
  t.equal(liveMachineCount(), before);
  t.same(await readdir(await cacheFolder('staging')), []);
});
