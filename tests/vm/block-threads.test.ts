import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { StartError } from '../../harness/errors.js';
import { areBlockThreadsAtRest, awaitRestOfDisks } from '../../harness/vm/block-threads.js';

/** A process whose main thread is called `name`, and which computes or waits. */
async function threadCalled(t: Test, name: string, work: string): Promise<number> {
  const script = `printf %s ${name} > /proc/self/comm; echo; ${work}`;
  const child = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('no process');
  return child.pid;
}

/** Polls: nobody tells when a thread has fallen asleep. */
async function stateOf(pid: number, wanted: string): Promise<void> {
  for (;;) {
    const [, state] = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    if (state === wanted) return;
    if (state === 'Z') throw new Error('it ended');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

t.test('a pool’s thread that works is not at rest; one that waits is, as is any other thread', async (t) => {
  const busy = await threadCalled(t, 'worker', 'while :; do :; done');
  t.equal(await areBlockThreadsAtRest(busy), false);
  const waits = await threadCalled(t, 'worker', 'read -r');
  await stateOf(waits, 'S');
  t.equal(await areBlockThreadsAtRest(waits), true);
  const other = await threadCalled(t, 'other', 'while :; do :; done');
  t.equal(await areBlockThreadsAtRest(other), true);
});

t.test('a machine that has ended has no threads to wait for', async (t) => {
  const child = spawn('true');
  await once(child, 'exit');
  if (child.pid === undefined) throw new Error('no process');
  await t.rejects(areBlockThreadsAtRest(child.pid), StartError);
});

t.test('threads that are busy for a moment are waited for', async (t) => {
  const pid = await threadCalled(t, 'worker', 'for ((at = 0; at < 40000; at++)); do :; done; read -r');
  t.equal(await areBlockThreadsAtRest(pid), false);
  await awaitRestOfDisks({ pid }, new AbortController().signal);
  t.equal(await areBlockThreadsAtRest(pid), true);
});
