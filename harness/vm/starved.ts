import { readdir, readFile } from 'node:fs/promises';

/**
 * Seconds that the busiest waiter of a process's threads stood in the host's run queue: ready to run, while others ran. A
 * guest of a loaded host loses this time without knowing (the second field of /proc/PID/schedstat, sched-stats.rst).
 *
 * @returns 0 where the host doesn't tell, or the process has ended
 */
export async function starvedSeconds(pid: number | undefined): Promise<number> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const waits = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`${folder}/${thread}/schedstat`, 'utf8').catch(() => '');
      return Number(text.split(' ')[1] ?? 0) / 1e9 || 0;
    }),
  );
  return Math.max(0, ...waits);
}
