import { bootWords } from '../diagnosis/boot-words.js';
import { classify } from '../diagnosis/classify.js';
import { judge } from '../diagnosis/judge.js';
import { type GuestProcess, oomsOf } from '../diagnosis/oom-victims.js';
import type { Observations, Report } from '../diagnosis/types.js';
import type { DoneFrame } from '../guest/types.js';
import { counted } from '../host/counted.js';
import type { Opened } from '../templates/opened.js';
import type { MachineExit } from '../vm/types.js';
import type { AttemptTimeline } from './timeline.js';
import type { Attempt, AttemptResult } from './types.js';

interface AttemptEvidence {
  readonly attempt: Attempt;
  readonly startedAt: string;
  readonly seconds: number;
  readonly opened: Opened;
  readonly timeline: AttemptTimeline;
  readonly exit: MachineExit;
  readonly console: string;
}

/** Reads the console, judges it with what the agent said, and writes both down as one record. */
export function attemptResult({
  attempt,
  startedAt,
  seconds,
  opened: { session, start, bootSeconds, readySeconds },
  timeline,
  exit,
  console,
}: AttemptEvidence): AttemptResult {
  const { done: said, ...conversation } = session.conversation();
  const done = believed(said, attempt.cell.workload.iterations);
  const boot = conversation.ready || start !== 'cold' ? null : bootWords(console);
  const reports = classify(console);
  const loadsOwn = oomsOf(console, reports, hogsOf(session.said.facts));
  const observations: Observations = { ...conversation, done, boot, loadsOwn, ...endOf(timeline, exit) };
  const diagnosis = judge(reports, observations);
  return {
    ...diagnosis,
    key: attempt.key,
    release: attempt.image.kernel.release,
    imageId: attempt.image.id,
    ...(attempt.disks?.length && { disks: attempt.disks }),
    ...(attempt.files !== undefined && { files: attempt.files }),
    startedAt,
    seconds,
    start,
    bootSeconds,
    readySeconds,
    secondsToReport: secondsToReport(diagnosis.reports[diagnosis.decisive ?? -1], timeline),
    iterations: done?.iterations ?? session.beats.iterations,
    iterationsAsked: attempt.cell.workload.iterations,
    workSeconds: done?.seconds ?? secondsAlive(session.beats.uptime, timeline),
    censored: observations.end === 'deadline' || (done?.stopped ?? false),
    stopped: done?.stopped ?? false,
    slowness: timeline.slowness,
    longestGapSeconds: observations.longestGapSeconds,
    facts: session.said.facts,
    samples: session.said.samples,
    evidence: [timeline.evidence, diagnosis.outcome === 'stable' ? '' : saidText(session.said.notes)]
      .filter(Boolean)
      .join('\n'),
    garbledFrames: session.garbledFrames,
    missingFrames: session.missingFrames,
    overflow: session.said.overflow,
  };
}

/** Processes that take memory until the OOM killer takes them, as each said of itself when it began (images/guest/lib/km_hog.c). */
const hogsOf = (facts: AttemptResult['facts']): GuestProcess[] =>
  facts.flatMap(({ name, value }) => {
    const [, pid, own] = (name === 'hog' && /^(\d+) (.+)$/.exec(String(value))) || [];
    return pid === undefined || own === undefined ? [] : [{ pid: Number(pid), name: own }];
  });

/** What a workload said before it failed: its commands' own words, for one that runs commands. */
const saidText = (notes: readonly string[]): string =>
  notes.length === 0 ? '' : `What the workload said last:\n${notes.join('\n')}\n`;

/** A success that did less than it was asked for, without having been stopped, is no success. */
function believed(done: DoneFrame | null, asked: number): DoneFrame | null {
  if (done === null || done.status !== 'passed' || done.stopped || done.iterations >= asked) return done;
  return {
    ...done,
    status: 'failed',
    reason: `claims success after ${done.iterations} of ${counted(asked, 'iteration')}`,
  };
}

/** QEMU's own failure is the harness's trouble, whatever the guest was doing; its last words go with it. */
function endOf(timeline: AttemptTimeline, exit: MachineExit): Pick<Observations, 'end' | 'trouble'> {
  if (exit.how !== 'died') return { end: timeline.end, trouble: timeline.trouble };
  return {
    end: 'harness',
    trouble: `QEMU ended with ${exit.signal ?? exit.exitCode}: ${exit.stderr.trim()}`,
  };
}

/** Of a workload that never said how it ended: up to the last beat. */
const secondsAlive = (uptime: number | null, { startUptime }: AttemptTimeline): number | null =>
  uptime === null || startUptime === null ? null : Math.max(0, uptime - startUptime);

/** By the guest's own clock, which stamps its console: from the workload's start, or from power-on where it never came to that. */
function secondsToReport(report: Report | undefined, { startUptime }: AttemptTimeline): number | null {
  if (report === undefined || report.seconds === null) return null;
  return Math.max(0, report.seconds - (startUptime ?? 0));
}

/** Whether an attempt's machine was powered on and never came to READY: the kernel did nothing yet of what it was asked. */
export const neverReady = ({ outcome, start, bootSeconds }: AttemptResult): boolean =>
  outcome !== 'unavailable' && start === 'cold' && bootSeconds === null;
