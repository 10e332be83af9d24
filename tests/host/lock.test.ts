import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { removeLock, takeLock, withLock } from '../../harness/host/lock.js';
import { until } from '../cli/kmatrix.js';

const lockModule = new URL('../../harness/host/lock.js', import.meta.url).href;

/** What another process runs to take the lock, say so, and hold it until it is killed; Ctrl-C it only answers. */
const holding = (file: string): string[] => [
  '--input-type=module',
  '-e',
  `import { takeLock } from ${JSON.stringify(lockModule)};
    process.on('SIGINT', () => console.log('winding up'));
    await takeLock(${JSON.stringify(file)}, { wait: true });
    console.log('held');
    setInterval(() => {}, 1000);`,
];

async function holder(file: string): Promise<() => Promise<unknown>> {
  const child = execa(process.execPath, holding(file), { reject: false, buffer: false });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return async () => {
    child.kill('SIGKILL');
    return await child;
  };
}

t.test('a lock is exclusive between processes, and gone with a holder that is killed', async (t) => {
  const file = join(t.testdir(), 'lock');
  const kill = await holder(file);
  t.equal(await takeLock(file, { wait: false }), undefined, 'held elsewhere');
  await kill();
  // flock(1) follows its parent's pipe, so the lock is free as soon as the kernel has closed it
  const lock = await takeLock(file, { wait: true });
  t.ok(lock);
  await lock?.release();
});

t.test('Ctrl-C in a terminal, which its helper gets too, leaves the lock with its holder', async (t) => {
  const file = join(t.testdir(), 'lock');
  // a process group of its own, as a shell gives to what it runs in the foreground
  const child = execa(process.execPath, holding(file), {
    reject: false,
    buffer: false,
    detached: true,
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = () => new Promise((resolve) => child.stdout.once('data', resolve));
  await said();
  const interrupted = said();
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await interrupted;
  const helpers = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim().split(' ');
  t.equal(helpers.length, 1, 'its helper is still there');
  for (const helper of helpers) t.ok(await ignoresInterrupts(helper), 'and the signal passed it by');
  t.equal(await takeLock(file, { wait: false }), undefined, 'still held');
  child.kill('SIGKILL');
  await child;
  const lock = await takeLock(file, { wait: true });
  t.ok(lock, 'free with its holder’s end');
  await lock?.release();
});

t.test('work inside one process takes turns', async (t) => {
  const file = join(t.testdir(), 'lock');
  const order: string[] = [];
  const turn = (name: string) =>
    withLock(file, async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} out`);
    });
  await Promise.all([turn('a'), turn('b')]);
  t.same(
    order.map((line) => line.slice(2)),
    ['in', 'out', 'in', 'out'],
  );
});

t.test('a lock is released when the work throws, and the error is the work’s own', async (t) => {
  const file = join(t.testdir(), 'lock');
  await t.rejects(
    withLock(file, async () => {
      throw new Error('the work');
    }),
    { message: 'the work' },
  );
  const lock = await takeLock(file, { wait: false });
  t.ok(lock, 'free again');
  await lock?.release();
});

t.test('whoever waits is told so once', async (t) => {
  const file = join(t.testdir(), 'lock');
  const first = await takeLock(file, { wait: true });
  let waits = 0;
  const second = withLock(file, async () => 'done', {
    onWait: () => {
      waits += 1;
      void first?.release();
    },
  });
  t.equal(await second, 'done');
  t.equal(waits, 1);
});

t.test('a file that can’t be locked is an error with its path', async (t) => {
  const folder = t.testdir({ file: '' });
  await t.rejects(takeLock(join(folder, 'file', 'lock'), { wait: true }));
});

/** Pids of the processes that have this text in their command lines. */
async function pidsWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => lines[index]?.includes(text));
}

/** Whether a process that lives ignores Ctrl-C: the kernel then drops the signal as it is sent (SigIgn, proc(5)). */
async function ignoresInterrupts(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const ignored = BigInt(`0x${/^SigIgn:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return (ignored & (1n << BigInt(constants.signals.SIGINT - 1))) !== 0n;
}

t.test(
  'an abort ends the wait with its reason and leaves no process; the holder keeps the lock',
  async (t) => {
    const file = join(t.testdir(), 'lock');
    const first = await takeLock(file, { wait: true });
    const before = await pidsWith(file);
    const stop = new AbortController();
    const waiting = withLock(file, async () => t.fail('not reached'), {
      signal: stop.signal,
      onWait: () => setImmediate(() => stop.abort(new Error('enough'))),
    });
    await t.rejects(waiting, { message: 'enough' });
    t.same(await pidsWith(file), before, 'the holder’s alone');
    t.equal(await takeLock(file, { wait: false }), undefined, 'still held');
    await first?.release();
  },
);

t.test('an abort before takes no lock, and one while the work runs is the work’s to heed', async (t) => {
  const file = join(t.testdir(), 'lock');
  await t.rejects(takeLock(file, { wait: true, signal: AbortSignal.abort(new Error('before')) }), {
    message: 'before',
  });
  const stop = new AbortController();
  const done = await withLock(
    file,
    async () => {
      stop.abort();
      t.equal(await takeLock(file, { wait: false }), undefined, 'held while it winds up');
      return 'wound up';
    },
    { signal: stop.signal },
  );
  t.equal(done, 'wound up');
});

t.test(
  'Ctrl-C in a terminal while another process holds the lock ends the wait with the signal’s reason',
  async (t) => {
    const file = join(t.testdir(), 'lock');
    const first = await takeLock(file, { wait: true });
    const script = `import { withLock } from ${JSON.stringify(lockModule)};
    const stop = new AbortController();
    process.on('SIGINT', () => console.log('interrupted'));
    process.on('SIGTERM', () => stop.abort(new Error('wound up')));
    const onWait = () => console.log('waits');
    await withLock(${JSON.stringify(file)}, async () => {}, { onWait, signal: stop.signal })
      .catch((error) => console.log(error.message));`;
    const child = execa(process.execPath, ['--input-type=module', '-e', script], {
      reject: false,
      detached: true,
    });
    t.teardown(() => child.kill('SIGKILL'));
    const said = () => new Promise((resolve) => child.stdout.once('data', resolve));
    await said();
    // one that has become flock(1) is past the shell that prepares it
    const waiter = await until(async () => (await pidsWith(`flock\0--exclusive\0--no-fork\0${file}\0`))[0]);
    const interrupted = said();
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await interrupted;
    t.ok(await ignoresInterrupts(waiter), 'the signal passed its helper by');
    child.kill('SIGTERM');
    const { stdout, exitCode } = await child;
    t.equal(stdout, 'waits\ninterrupted\nwound up', 'and not that it can’t lock');
    t.equal(exitCode, 0);
    await first?.release();
  },
);

t.test('a lock’s file is removed where nobody holds it, and never from under its holder', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'lock');
  const first = await takeLock(file, { wait: false });
  await removeLock(file);
  t.same(await readdir(folder), ['lock'], 'held');
  await first?.release();
  await removeLock(file);
  t.same(await readdir(folder), []);
});

t.test('whoever waited for a file that is removed holds the lock that others see', async (t) => {
  const file = join(t.testdir(), 'lock');
  const first = await takeLock(file, { wait: true });
  const { ino } = await stat(file);
  const second = takeLock(file, { wait: true });
  // proc(5): a lock that is waited for has an arrow
  await until(async () =>
    (await readFile('/proc/locks', 'utf8')).match(`-> FLOCK .*:${ino} `) ? true : undefined,
  );
  await rm(file);
  await first?.release();
  const held = await second;
  t.ok(held);
  t.equal(await takeLock(file, { wait: false }), undefined);
  await held?.release();
});
