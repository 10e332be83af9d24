import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalAttempt } from '../../attempt/types.js';
import { classify } from '../../diagnosis/classify.js';
import type { Report } from '../../diagnosis/types.js';
import { HostError } from '../../errors.js';
import { AgentSession, type Start } from '../../guest/agent.js';
import { withFileErrors } from '../../host/file-errors.js';
import { awaitProgress, bootLimits } from '../../vm/deadline.js';
import type { MachineSpec } from '../../vm/types.js';
import { awaitReport, type Ending, type ReportLimits } from './await-report.js';
import { bundleFiles } from './bundle-files.js';
import { bundledOrder } from './bundled-order.js';
import { emptyQcow2 } from './empty-qcow2.js';
import { orderSlowly } from './order-slowly.js';
import { startRecorder } from './recorder.js';
import { untilReport } from './run-to-report.js';
import { writeTranscript } from './transcript.js';

/** An attempt on one vCPU, instruction by instruction. Paths are of this host. */
export interface Recording {
  /** QEMU's log of everything that reached the machine. */
  readonly log: string;
  /** Its first state (qcow2). */
  readonly snapshots: string;
  /** ttyS0, byte by byte. */
  readonly console: string;
  readonly spec: MachineSpec;
  readonly order: Start;
  readonly end: Ending;
  /** What the console holds, in order. */
  readonly reports: readonly Report[];
  /** Wall clock, and bytes of the log. */
  readonly seconds: number;
  readonly bytes: number;
}

/** Limits where they aren't those of untilReport. */
export interface RecordOptions extends Partial<ReportLimits> {
  readonly signal: AbortSignal;
}

/**
 * Runs an attempt on a machine of one vCPU under TCG and records it. Nothing but the agent's port talks to the machine, so
 * that the log is all that a replay needs; the machine's end is in the log as well.
 *
 * @param spec the machine; its CPUs and accelerator are replaced by what QEMU can record
 * @param folder existing and empty; the recording's three files go there
 * @throws HostError where QEMU doesn't start, or the machine never gets ready; the signal's reason
 */
export async function recordAttempt(
  attempt: LocalAttempt,
  spec: MachineSpec,
  startedAt: string,
  folder: string,
  { signal, ...limits }: RecordOptions,
): Promise<Recording> {
  const one: MachineSpec = { ...spec, accelerator: 'tcg', shape: { ...spec.shape, cpus: 1 } };
  const [log, snapshots, console] = ['execution.log', 'snapshots.qcow2', 'recorded-console.log'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const order = bundledOrder(attempt, startedAt);
  const began = performance.now();
  return withFileErrors(folder, async () => {
    await writeFile(snapshots, emptyQcow2());
    const { end, text } = await record(
      one,
      order,
      { log, snapshots, console },
      { ...untilReport, ...limits, signal },
    );
    return {
      ...{ log, snapshots, console, spec: one, order, end },
      reports: classify(text),
      seconds: (performance.now() - began) / 1000,
      bytes: (await stat(log)).size,
    };
  });
}

async function record(
  spec: MachineSpec,
  order: Start,
  files: Pick<Recording, 'log' | 'snapshots' | 'console'>,
  { signal, ...limits }: Required<RecordOptions>,
): Promise<{ end: Ending; text: string }> {
  const executionLog = { mode: 'record', path: files.log, snapshots: files.snapshots } as const;
  const fifos = await mkdtemp(join(tmpdir(), 'kmatrix-record-'));
  try {
    await using machine = await startRecorder(spec, executionLog, fifos, signal);
    const transcript = writeTranscript(machine.console, files.console, consoleBytes);
    const session = new AgentSession(machine.channel);
    const ready = await awaitProgress(
      firstReady(session),
      () => machine.console.lastByteAt,
      bootLimits('tcg'),
      { signal },
    );
    if (ready.end !== 'reached' || !ready.value) throw neverReady(machine.console.text(), files.log);
    const watched = awaitReport(machine, session, limits, signal);
    const over = new AbortController();
    const ordered = orderSlowly(machine.channel, session, order, AbortSignal.any([signal, over.signal]));
    // a report may come before the agent answers
    await Promise.race([watched, ordered, transcript.full]);
    const end = await Promise.race([watched, transcript.full.then((): Ending => 'deadline')]);
    over.abort();
    await machine.finish(finishSeconds);
    await transcript.close();
    return { end, text: machine.console.text() };
  } finally {
    await rm(fifos, { recursive: true, force: true });
  }
}

/** The agent says it unasked; a greeting would only be lost. False where the machine ended first. */
const firstReady = (session: AgentSession): Promise<boolean> =>
  new Promise((resolve) => {
    session.on('frame', ({ type }) => {
      if (type === 'ready') resolve(true);
    });
    session.once('end', () => resolve(false));
  });

const neverReady = (console: string, where: string): HostError =>
  new HostError('the machine to be recorded never became ready', {
    where,
    remedy: `the last lines of its console: ${console.trim().split('\n').slice(-3).join(' | ')}`,
  });

/** Far more than a crash has, and half of what a bundle may (bundleFiles). */
const consoleBytes = bundleFiles['recorded-console.log'] / 2;

/** The log is written out at the end: tens of MiB on a busy disk. */
const finishSeconds = 60;
