import { excerpt } from '../diagnosis/excerpt.js';
import { messageOf } from '../errors.js';
import { printable } from '../host/printable.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import { readConsole } from '../results/read-console.js';

/** The attempt that shows a bug best, with its evidence. Guest text in it is raw, but for the excerpt. */
export interface Finding {
  readonly cell: string;
  readonly index: number;
  readonly seed: number;
  readonly outcome: StoredAttempt['outcome'];
  readonly reason: string;
  /** '' where the machine fell silent without a report. */
  readonly signature: string;
  readonly knownIssue: string | null;
  /** Functions of the trace, reliable ones only, the guilty one first. */
  readonly frames: readonly string[];
  /** By the guest's own clock; null without a report that has stamps. */
  readonly secondsFromPowerOn: number | null;
  readonly secondsFromStart: number | null;
  /** Iterations that the workload had finished at its last heartbeat. */
  readonly iterations: number;
  /** Path within the run's folder; '' without one. */
  readonly console: string;
  /** Lines of the console, escaped. */
  readonly excerpt: readonly string[];
}

/**
 * @param attempt one whose kernel failed
 * @param folder the run's
 */
export async function findingOf(
  attempt: StoredAttempt,
  knownIssue: string,
  folder: string,
): Promise<Finding> {
  const { key, outcome, reason, reports, decisive, secondsToReport, iterations, console } = attempt;
  const named = reports.find((report) => report.knownIssue === knownIssue);
  const report = named ?? reports[decisive ?? -1];
  const frames = report?.frames.filter(({ reliable }) => reliable).map((frame) => frame.function) ?? [];
  return {
    cell: key.cell,
    index: key.index,
    seed: key.seed,
    outcome,
    reason,
    signature: report?.signature ?? '',
    knownIssue: report?.knownIssue ?? null,
    frames: [...new Set([report?.function ?? '', ...frames].filter(Boolean))],
    secondsFromPowerOn: report?.seconds ?? null,
    secondsFromStart: sinceStart(report, reports[decisive ?? -1], secondsToReport),
    iterations,
    console,
    excerpt: report === undefined || console === '' ? [] : await excerptOf(folder, console, report),
  };
}

/** secondsToReport is the decisive report's, which another may have come before. */
function sinceStart(
  report: StoredAttempt['reports'][number] | undefined,
  decisive: StoredAttempt['reports'][number] | undefined,
  secondsToReport: number | null,
): number | null {
  if (report === undefined || secondsToReport === null) return null;
  return secondsToReport + (report.seconds ?? 0) - (decisive?.seconds ?? report.seconds ?? 0);
}

/** Evidence for people: where the console can't be read, that is what they see in its place. */
async function excerptOf(
  folder: string,
  console: string,
  report: StoredAttempt['reports'][number],
): Promise<string[]> {
  try {
    const text = excerpt(await readConsole(folder, console), report, excerptLines);
    return text.split('\n').map((line) => printable(line, excerptColumns));
  } catch (error) {
    return [`(${printable(messageOf(error), excerptColumns)})`];
  }
}

const excerptLines = 40;
const excerptColumns = 160;
