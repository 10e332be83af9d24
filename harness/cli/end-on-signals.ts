import process from 'node:process';

export interface Ending {
  /** Called with the first signal: winds up, and lets the process end. */
  readonly interrupt: (signal: NodeJS.Signals) => void;
  /** Called before the process is ended without having wound up. */
  readonly abandon: () => void;
  /** How long winding up may take after SIGTERM and SIGHUP. */
  readonly graceSeconds?: number;
  /** Within so long another SIGTERM or SIGHUP is the same word: who ends a group tells each of it, and what started us passes it on. */
  readonly echoSeconds?: number;
}

/**
 * The first SIGINT, SIGTERM or SIGHUP winds up; another one ends the process at once, and so does the end of the grace, since whoever
 * sends SIGTERM rarely sends it twice. A thread that is stuck in a system call (a read of a fifo, a dead NFS server) keeps
 * exit(3) from returning: the process ends of the signal itself.
 */
export function endOnSignals({ interrupt, abandon, graceSeconds = 60, echoSeconds = 1 }: Ending): void {
  let first: number | undefined;
  const end = (signal: NodeJS.Signals): void => {
    abandon();
    // whoever has something to end at the exit (execa its processes) does it now
    process.emit('exit', 130);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (first === undefined) {
        first = now;
        if (signal !== 'SIGINT') setTimeout(end, graceSeconds * 1000, signal).unref();
        interrupt(signal);
      } else if (signal === 'SIGINT' || now - first > echoSeconds * 1000) end(signal);
    });
  }
}
