import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../errors.js';
import type { Machine } from './machine.js';

/**
 * Waits until the threads that read disks for a stopped machine have nothing to do: a copy of its process would cut their work off
 * half-way. QEMU waits for the disks' requests when it stops a machine; a thread may still be on its way back to sleep then.
 *
 * @throws StartError where they are busy for seconds, or the process has ended; the signal's reason
 */
export async function awaitRestOfDisks({ pid }: Pick<Machine, 'pid'>, signal: AbortSignal): Promise<void> {
  if (pid === undefined) return;
  // polls: nobody tells when a thread has fallen asleep
  for (let tries = 0; tries < 200; tries++) {
    if (await areBlockThreadsAtRest(pid)) return;
    await delay(10, undefined, { signal });
  }
  throw new StartError('a stopped machine keeps reading its disks');
}

/**
 * Whether each thread of QEMU's pool (util/thread-pool.c) sleeps until it gets work, or has ended. One that reads a file of a disk
 * runs, or waits uninterruptibly.
 *
 * @param pid of QEMU, whose threads bear names (debug-threads)
 * @throws StartError where the process has ended
 */
export async function areBlockThreadsAtRest(pid: number): Promise<boolean> {
  const tasks = `/proc/${pid}/task`;
  const tids = await readdir(tasks).catch((cause: unknown) => {
    throw new StartError('the machine ended before it could be copied', { cause });
  });
  for (const tid of tids) {
    // one may end meanwhile
    const text = await readFile(`${tasks}/${tid}/stat`, 'utf8').catch(() => '');
    const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(text) ?? [];
    if (name === poolThread && state !== 'S') return false;
  }
  return true;
}

const poolThread = 'worker';
