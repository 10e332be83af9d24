import { classify, type Report } from '../../diagnosis/index.js';
import { AgentSession } from '../../guest/index.js';
import { awaitReady } from '../../schedule/boot/await-ready.js';
import type { Attempt } from '../../schedule/types.js';
import { Machine, type MachineSpec } from '../../vm/index.js';
import { awaitReport } from './await-report.js';
import { bundledOrder } from './bundled-order.js';
import { dumpGuestMemory } from './dump-guest-memory.js';

/** A machine's memory as its report left it. */
export interface CaughtMemory {
  /** ELF core: a path of this host. */
  readonly file: string;
  /** What that machine's console held, in order. */
  readonly reports: readonly Report[];
}

/**
 * Boots an attempt's machine and runs it until its kernel reports, then dumps its memory before it is ended. A race may be
 * missed: the attempt gets a few runs.
 *
 * @param file must not exist
 * @returns undefined where no report came, or where each machine had ended before it could be dumped (a panic)
 * @throws HostError where QEMU can't, or the disk is full; the signal's reason
 */
export async function catchMemory(
  attempt: Attempt,
  spec: MachineSpec,
  startedAt: string,
  file: string,
  signal: AbortSignal,
): Promise<CaughtMemory | undefined> {
  for (let run = 0; run < runs; run++) {
    await using machine = await Machine.start(spec, { signal });
    const session = new AgentSession(machine.channel);
    const { ready } = await awaitReady(machine, session, spec.accelerator, signal);
    if (ready === null) continue;
    session.start(bundledOrder(attempt, startedAt));
    const end = await awaitReport(machine, session, limits, signal);
    const reports = classify(machine.console.text());
    const isWorth = end === 'report' && reports.some(({ kind }) => kind !== 'warning');
    if (!isWorth || !(await machine.isRunning())) continue;
    await dumpGuestMemory(machine, file);
    await machine.quit();
    return { file, reports };
  }
  return undefined;
}

const runs = 3;
/** As a recording is watched: the rest of a report, and no more. */
const limits = { workloadSeconds: 600, graceSeconds: 10, quietSeconds: 1.5 } as const;
