import { rename, rm } from 'node:fs/promises';
import type { LocalAttempt } from '../../attempt/types.js';
import { classify } from '../../diagnosis/classify.js';
import type { Report } from '../../diagnosis/types.js';
import { Machine } from '../../vm/machine.js';
import { QmpError } from '../../vm/qmp.js';
import type { MachineSpec } from '../../vm/types.js';
import { bundledOrder } from './bundled-order.js';
import { cameAgain } from './came-again.js';
import { dumpGuestMemory } from './dump-guest-memory.js';
import { runToReport, untilReport } from './run-to-report.js';

/** A machine's memory as its report left it. */
export interface CaughtMemory {
  /** ELF core: a path of this host. */
  readonly file: string;
  /** What that machine's console held, in order. */
  readonly reports: readonly Report[];
}

/** Why there is no memory: nothing came, or the machine had reset before it could be dumped. */
export type NotCaught = 'there was no report' | 'the machine ends with its report';

/**
 * Boots an attempt's machine and runs it until its kernel reports, then dumps its memory before it is ended. A race may be
 * missed, or hit a bystander: the attempt gets a few runs, and another report's memory is kept where the expected one never came.
 *
 * @throws HostError where QEMU can't, or the disk is full; the signal's reason
 */
export async function catchMemory(
  attempt: LocalAttempt,
  spec: MachineSpec,
  { startedAt, expected, file, signal }: CatchOptions,
): Promise<CaughtMemory | NotCaught> {
  const order = bundledOrder(attempt, startedAt);
  let caught: CaughtMemory | undefined;
  let why: NotCaught = 'there was no report';
  for (let run = 0; run < runs; run++) {
    await using machine = await Machine.start(spec, { signal });
    await runToReport(machine, order, { accelerator: spec.accelerator, limits: untilReport, signal });
    const reports = classify(machine.console.text());
    const isIt = cameAgain(expected, reports);
    if (!isIt && (caught !== undefined || !reports.some(({ kind }) => kind !== 'warning'))) continue;
    if (!(await dumped(machine, `${file}.part`))) {
      why = 'the machine ends with its report';
      continue;
    }
    await rename(`${file}.part`, file);
    caught = { file, reports };
    if (isIt) break;
  }
  return caught ?? why;
}

export interface CatchOptions {
  /** ISO time: the machine's clock. */
  readonly startedAt: string;
  /** The report whose memory is wanted. */
  readonly expected: Report | null;
  /** Must not exist. */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** False where the machine had ended, or ended meanwhile: a kernel that panics resets after a second (panic=1). */
async function dumped(machine: Machine, file: string): Promise<boolean> {
  try {
    await dumpGuestMemory(machine, file);
    return true;
  } catch (error) {
    if (!(error instanceof QmpError && error.kind === 'Closed')) throw error;
    await rm(file, { force: true });
    return false;
  }
}

const runs = 3;
