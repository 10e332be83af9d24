import process from 'node:process';

export interface Ending {
  /** Called with the first signal: winds up, and lets the process end. */
  readonly interrupt: (signal: NodeJS.Signals) => void;
  /** Called before the process is ended without having wound up. */
  readonly abandon: () => void;
  /** How long winding up may take after SIGTERM and SIGHUP. */
  readonly graceSeconds?: number;
  /** A SIGTERM or SIGHUP within this time of the first is taken for a copy: a group's signal reaches us, and our parent passes it on. */
  readonly echoSeconds?: number;
}

/**
 * The first SIGINT, SIGTERM or SIGHUP winds up. Another one ends the process at once. So does the end of the grace period after
 * SIGTERM and SIGHUP, whose senders rarely send them twice. A thread that is stuck in a system call (a read of a fifo, a dead
 * NFS server) keeps exit(3) from returning, so the process ends by the signal itself.
 */
export function endOnSignals({ interrupt, abandon, graceSeconds = 60, echoSeconds = 1 }: Ending): void {
  let first: number | undefined;
  const end = (signal: NodeJS.Signals): void => {
    abandon();
    // what is to be done at the exit (execa ends its processes) is done now: exit(3) isn't called
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
