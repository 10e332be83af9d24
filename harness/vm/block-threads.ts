import { readdir, readFile } from 'node:fs/promises';

/**
 * Whether the threads that read disks for a stopped machine (QEMU's util/thread-pool.c) have nothing to do: each sleeps until it
 * gets more, or has ended. One that reads is in the kernel uninterruptibly, or runs.
 *
 * @param pid of QEMU, whose threads bear names (debug-threads)
 */
export async function areBlockThreadsAtRest(pid: number): Promise<boolean> {
  const tasks = `/proc/${pid}/task`;
  for (const tid of await readdir(tasks)) {
    // one may end meanwhile
    const text = await readFile(`${tasks}/${tid}/stat`, 'utf8').catch(() => '');
    const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(text) ?? [];
    if (name === poolThread && state !== 'S') return false;
  }
  return true;
}

const poolThread = 'worker';
