import { readdirSync } from 'node:fs';
import { kernelText } from '../host/kernel-text.js';

/**
 * Tells how long a process's threads stood in the host's run queue: ready to run, while others ran. A guest of a loaded host
 * loses this time without knowing (the second field of /proc/PID/task/TID/schedstat, sched-stats.rst).
 */
export class Starvation {
  readonly #pid: number | undefined;
  readonly #before = new Map<string, number>();

  constructor(pid: number | undefined) {
    this.#pid = pid;
  }

  /**
   * Seconds that the thread that waited longest has waited since this was last asked, or since it began.
   *
   * @returns 0 where the host doesn't tell, or the process has ended
   */
  since(): number {
    const waits = threadsOf(this.#pid).map((thread) => {
      const schedstat = kernelText(`/proc/${this.#pid}/task/${thread}/schedstat`);
      const total = Number(schedstat.split(' ')[1] ?? 0) / 1e9 || 0;
      const waited = total - (this.#before.get(thread) ?? 0);
      this.#before.set(thread, total);
      return waited;
    });
    return Math.max(0, ...waits);
  }

  /**
   * Whether one of its threads can't run whatever the host has to spare: stopped by a signal (T), or waiting for the host's
   * disk (D), as one does whose memory was swapped out (state in /proc/PID/task/TID/stat, proc(5)).
   */
  isHeld(): boolean {
    return threadsOf(this.#pid).some((thread) =>
      /\) [DTt] /.test(kernelText(`/proc/${this.#pid}/task/${thread}/stat`)),
    );
  }
}

function threadsOf(pid: number | undefined): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
