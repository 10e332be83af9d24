import { FatalText } from '../../diagnosis/fatal-text.js';
import type { AgentSession } from '../../guest/agent.js';
import { hostClock } from '../../vm/deadline.js';
import type { SerialPort } from '../../vm/serial-port.js';

/** How a watched workload came to its end. */
export type Ending = 'report' | 'done' | 'exited' | 'deadline';

export interface ReportLimits {
  /** From the workload's start. */
  readonly workloadSeconds: number;
  /** After a report's first words, for the rest of it. */
  readonly graceSeconds: number;
  /** Silence after which a report is over before that. */
  readonly quietSeconds?: number;
}

/**
 * Waits until a started workload has made the kernel report something, is done, or its time is up. Nothing is done to the
 * machine meanwhile: a look at it (SysRq, NMI) is no part of a recording, and a replay would miss it.
 *
 * @throws what the signal was aborted with
 */
export async function awaitReport(
  machine: { readonly console: SerialPort; readonly exit: Promise<unknown> },
  session: AgentSession,
  limits: ReportLimits,
  signal: AbortSignal,
): Promise<Ending> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const fatal = new FatalText();
  const alarms = new Map<Ending | 'quiet', () => void>();
  const arm = (name: Ending | 'quiet', seconds: number, ring: () => void): void => {
    alarms.get(name)?.();
    alarms.set(name, hostClock.alarm(seconds * 1000, ring));
  };
  let listen = (_chunk: string): void => {};
  const spoken = new Promise<Ending>((resolve) => {
    arm('deadline', limits.workloadSeconds, () => resolve('deadline'));
    listen = (chunk) => {
      if (fatal.feed(chunk)) {
        alarms.get('deadline')?.();
        arm('report', limits.graceSeconds, () => resolve('report'));
      }
      if (fatal.seen === 'none' || limits.quietSeconds === undefined) return;
      arm('quiet', limits.quietSeconds, () => resolve('report'));
    };
  });
  const said = (end: Ending): Ending => (fatal.seen === 'none' ? end : 'report');
  listen(machine.console.text());
  machine.console.on('text', listen);
  const done = session.done({ signal: either });
  try {
    return await Promise.race([
      spoken,
      done.then((frame) => (frame === null ? machine.exit.then(() => said('exited')) : said('done'))),
      machine.exit.then(() => said('exited')),
    ]);
  } finally {
    for (const cancel of alarms.values()) cancel();
    machine.console.off('text', listen);
    over.abort();
    await done.catch(() => {});
  }
}
