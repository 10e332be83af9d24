import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { pruneTemplates } from '../../harness/cache/prune-templates.js';
import { cacheFolder } from '../../harness/host/cache.js';
import { sha256File } from '../../harness/host/hash.js';
import { MachineSource, type Wanted } from '../../harness/templates/machine-source.js';
import type { Opened } from '../../harness/templates/opened.js';
import { liveMachineCount } from '../../harness/vm/live-machines.js';
import { kernel, qemu, wantedMachine } from './wanted-machine.js';

const never = new AbortController().signal;

/** A cache of its own, so that every test makes its template itself. */
function ownCache(t: Test): void {
  const before = process.env.KMATRIX_CACHE;
  process.env.KMATRIX_CACHE = t.testdir();
  t.teardown(() => {
    if (before === undefined) delete process.env.KMATRIX_CACHE;
    else process.env.KMATRIX_CACHE = before;
  });
}

const wanted = (over: Partial<Wanted['spec']> = {}, start: Wanted['start'] = 'template'): Wanted =>
  wantedMachine(start, over);

function sourceOf(t: Test, signal = new AbortController().signal) {
  const refused: string[] = [];
  const source = new MachineSource({
    standbys: 2,
    liveTemplatesMiB: 512,
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

/** Process ids of the QEMUs that this process has started and that live. */
const machinesOfThis = (): number[] =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);

const templates = async (): Promise<string[]> => readdir(await cacheFolder('templates'));

t.test('one boot, and then machines that answer at once, several from one memory', async (t) => {
  ownCache(t);
  const { source, refused } = sourceOf(t);
  const first = await source.open(wanted(), never);
  const [id = ''] = await templates();
  const memory = join(await cacheFolder('templates'), id, 'memory');
  const bytes = await sha256File(memory);
  const others = await Promise.all([source.open(wanted(), never), source.open(wanted(), never)]);
  const all = [first, ...others];
  for (const { start, boot, earlier } of all) {
    t.equal(start, 'template');
    t.equal(boot.ready?.release, kernel.release);
    t.match(earlier, /Linux version 6\.1\./, 'the boot’s words belong to each attempt');
  }
  const own = first.machine.privateMiB();
  t.ok(own !== null && own > 4 && own < 128, `${own} MiB are its own, not all of its memory`);
  t.same(await Promise.all(all.map((opened, seed) => burn(opened, seed))), Array(3).fill('passed 1'));
  t.equal(first.machine.privateMiB(), null);
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
        liveTemplatesMiB: 0,
        signal: new AbortController().signal,
        onRefused: (_, reason) => t.fail(reason),
      });
      await burn(await source.open(request, never), 1);
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
    const keys = async (): Promise<number> => (await readdir(await cacheFolder('templates-keys'))).length;
    t.equal(await keys(), 2);
    const [newest = ''] = (await templates()).filter((name) => name !== again);
    const { blocks } = await stat(join(await cacheFolder('templates'), newest, 'memory'));
    t.same(await pruneTemplates((10 * blocks) / 2048), []);
    const removed = await pruneTemplates(blocks / 2048 + 2);
    t.same(
      removed.map((one) => one.id),
      [again],
      'the one used longest ago',
    );
    t.equal((await pruneTemplates(0)).length, 1);
    t.same(await templates(), []);
    t.equal(await keys(), 0, 'no key points at what is gone');
  },
);

t.test('a template that is pruned while it is used still restores', async (t) => {
  ownCache(t);
  const { source } = sourceOf(t);
  await burn(await source.open(wanted(), never), 1);
  await rm(await cacheFolder('templates'), { recursive: true });
  t.equal(await burn(await source.open(wanted(), never), 2), 'passed 1');
});

t.test('a machine stands by for the next attempt, is taken, and ends with its source', async (t) => {
  ownCache(t);
  const before = liveMachineCount();
  const { source, refused } = sourceOf(t);
  await burn(await source.open(wanted(), never), 1);
  const other = wanted({ shape: { cpus: 1, memoryMiB: 128 } });
  await burn(await source.open(other, never), 1);
  source.expect([wanted(), other]);
  // as a run has it: each attempt is expected with those after it, and the templates take turns
  for (const [now, next] of [
    [wanted(), other],
    [other, wanted()],
  ] as const) {
    const standing = new Set(machinesOfThis());
    source.expect([now, next]);
    const taken = await source.open(now, never);
    t.equal(taken.start, 'template');
    t.ok(standing.has(taken.machine.pid ?? 0), 'the process that stood by, no new one');
    await burn(taken, 2);
  }
  t.equal(liveMachineCount() - before, 1, 'and one waits for the next');
  source.expect([]);
  await source[Symbol.asyncDispose]();
  t.equal(liveMachineCount(), before);
  t.same(refused, []);
});

t.test('a QEMU that does not start says nothing of the template, which stays', async (t) => {
  ownCache(t);
  const { source, refused } = sourceOf(t);
  await burn(await source.open(wanted(), never), 1);
  const before = await templates();
  const open = () => source.open(wanted({ qemu: { ...qemu, binary: '/nowhere/qemu' } }), never);
  await t.rejects(open(), { name: 'StartError' });
  t.same(refused, [], 'once is the trouble of one attempt');
  for (const _time of [2, 3]) await t.rejects(open(), { name: 'StartError' });
  t.match(refused, [/QEMU did not start/], 'from now on attempts boot');
  t.same(await templates(), before);
});

t.test('where no template can be had the machine boots, and the reason is told', async (t) => {
  ownCache(t);
  const { source, refused } = sourceOf(t);
  // no such program: the kernel panics instead of becoming ready, from a template as from a boot
  const hopeless = await source.open(wanted({ bootArguments: ['rdinit=/nowhere', 'init=/nowhere'] }), never);
  t.match(hopeless, { start: 'cold', boot: { ready: null, end: 'exited' } });
  t.match(refused, [/^debian-6\.1-cloud: no template of 6\.1\..*: it was never ready$/]);
  await hopeless.machine.end();
  t.same(await templates(), []);
});

t.test('cold means a boot, and makes no template', async (t) => {
  ownCache(t);
  const { source } = sourceOf(t);
  const opened = await source.open(wanted({}, 'cold'), never);
  t.match(opened, { start: 'cold', earlier: '' });
  t.equal(await burn(opened, 1), 'passed 1');
  t.same(await templates(), []);
});

t.test('an interruption ends the making of a template and leaves nothing', async (t) => {
  ownCache(t);
  const before = liveMachineCount();
  const abort = new AbortController();
  const { source } = sourceOf(t, abort.signal);
  const opening = source.open(wanted(), abort.signal);
  setTimeout(() => abort.abort(new Error('enough')), 800);
  await t.rejects(opening, { message: 'enough' });
  t.equal(liveMachineCount(), before);
  t.same(await readdir(await cacheFolder('staging')), []);
});
