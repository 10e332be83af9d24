import { kernelArguments } from '../matrix/axes.js';
import { cellIdIn } from '../matrix/axis-rows.js';
import { wholeProfile } from '../matrix/expand.js';
import type { WorkloadRow } from '../matrix/types.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import { readManifest } from '../results/read-run.js';
import { recordedPurities } from '../results/recorded-purities.js';
import { readSeries } from '../results/series.js';
import { performRun } from '../run/perform-run.js';
import { type WorkDone, workDone } from '../summary/work-done.js';
import type { BugEvents, BugRequest } from './bug-request.js';
import type { Figure, SeriesBug } from './bugs.js';
import { chooseSeriesKernels } from './choose-kernels.js';
import { allAttempts, comparisonProfile } from './profiles.js';

export interface SeriesRequest extends BugRequest {
  readonly bug: SeriesBug;
}

/** How kernels bear what is done to them at each rate; plain data, the document of --json. */
export interface SeriesReport {
  readonly version: 1;
  readonly bug: string;
  readonly title: string;
  /** What the columns are, in their order. */
  readonly figures: readonly Figure[];
  readonly run: string;
  readonly folder: string;
  readonly seed: number;
  readonly outOfTime: boolean;
  readonly interrupted: boolean;
  /** Attempts that were to be made; more than there are rows where the run was cut short. */
  readonly planned: number;
  readonly rows: readonly SeriesRow[];
}

/** One attempt of one kernel at one rate. */
export interface SeriesRow {
  readonly kernel: string;
  readonly release: string;
  /** What is known of its source (purityOf); null where it could not be had, or that was not recorded. */
  readonly purity: string | null;
  readonly rate: string;
  readonly index: number;
  readonly outcome: StoredAttempt['outcome'];
  readonly reason: string;
  /** How much was done of what was asked for; null where it failed, or nobody knows. */
  readonly work: WorkDone | null;
  /** By name. */
  readonly figures: Readonly<Record<string, FigureValue>>;
  /** Whether it told what it was to tell. */
  readonly measured: boolean;
  readonly outOfMemory: boolean;
  readonly knownIssue: string | null;
  /** By the sample's name: seconds since the first sample, and the value. */
  readonly series: Readonly<Record<string, readonly (readonly [seconds: number, value: number])[]>>;
}

export interface FigureValue {
  /** Null where the workload never came to tell. */
  readonly value: number | null;
  /** The workload stopped waiting there: the true one is more. */
  readonly isBound: boolean;
}

/**
 * Runs a bug's workload on each kernel at each of its rates, and adds up what it sampled.
 *
 * @throws KmatrixError as performRun does; HostError where no kernel is at hand
 */
export async function measureSeries(
  { bug, attempts = 1, minutes, ...request }: SeriesRequest,
  { emit, onChosen }: BugEvents,
  signal: AbortSignal,
): Promise<SeriesReport> {
  const chosen = await chooseSeriesKernels(request.matrix, bug, request.kernels);
  onChosen(chosen);
  const cellOf = (kernel: string, workload: string): string =>
    cellIdIn(chosen.matrix, { kernel, workload, rows: { [kernelArguments]: bug.boot } });
  const cells = chosen.kernels.flatMap(({ id }) => bug.rates.map(({ workload }) => cellOf(id, workload)));
  const { folder, outOfTime, interrupted } = await performRun(
    {
      ...request,
      matrix: chosen.matrix,
      // what is measured is time and memory: machines that share cores would measure each other
      jobs: request.jobs ?? 1,
      refresh: false,
      limitSeconds: minutes === undefined ? undefined : minutes * 60,
      selection: { ...wholeProfile(comparisonProfile(bug.id)), attempts, cells },
    },
    emit,
    signal,
  );
  const found: StoredAttempt[] = [];
  for (const attempt of await allAttempts(folder))
    found.push({ ...attempt, samples: await readSeries(folder, attempt) });
  const { id: run, seed } = await readManifest(folder);
  const purities = await recordedPurities(folder);
  const rows = chosen.kernels.flatMap(({ id }) =>
    bug.rates.flatMap(({ name, workload }) => {
      const row = chosen.matrix.workloads.find((one) => one.id === workload);
      return found
        .filter(({ key }) => key.cell === cellOf(id, workload))
        .map((attempt) =>
          seriesRow(bug, { kernel: id, rate: name, workload: row, attempt, purity: purities.get(id) }),
        );
    }),
  );
  return {
    version: 1,
    bug: bug.id,
    title: `${bug.knownIssue}: ${bug.title}`,
    figures: bug.figures,
    run,
    folder,
    seed,
    outOfTime,
    interrupted,
    planned: cells.length * attempts,
    rows,
  };
}

/** 0 where each kernel that could be had was measured at each rate; 1 where one wasn't; 3 no kernel; 130 interrupted. */
export function seriesExitCode({ interrupted, planned, rows }: SeriesReport): 0 | 1 | 3 | 130 {
  if (interrupted) return 130;
  if (rows.length > 0 && rows.every(({ outcome }) => outcome === 'unavailable')) return 3;
  const isAnswered = ({ outcome, measured }: SeriesRow): boolean => outcome === 'unavailable' || measured;
  return rows.length === planned && rows.every(isAnswered) ? 0 : 1;
}

interface SeriesAttempt {
  readonly kernel: string;
  readonly rate: string;
  readonly workload: Pick<WorkloadRow, 'arguments'> | undefined;
  readonly attempt: StoredAttempt;
  readonly purity?: string | null | undefined;
}

/** What the samples of one attempt add up to. */
export function seriesRow(
  { figures, measured }: Pick<SeriesBug, 'figures' | 'measured'>,
  { kernel, rate, workload, attempt, purity = null }: SeriesAttempt,
): SeriesRow {
  const { key, release, outcome, reason, reports } = attempt;
  const values = figures.map((figure) => [figure.name, figureOf(figure, attempt, workload)] as const);
  return {
    kernel,
    release,
    purity,
    rate,
    index: key.index,
    outcome,
    reason,
    work: workDone([attempt]),
    figures: Object.fromEntries(values),
    measured: values.some(([name, { value }]) => name === measured && value !== null),
    outOfMemory: reports.some(({ kind }) => kind === 'oom'),
    knownIssue: reports.find((report) => report.knownIssue !== null)?.knownIssue ?? null,
    series: seriesOf(attempt.samples),
  };
}

function figureOf(
  { of, take, orIterations, limit }: Figure,
  { samples, iterations }: StoredAttempt,
  workload: SeriesAttempt['workload'],
): FigureValue {
  const values = of.flatMap((name) =>
    samples.filter((sample) => sample.name === name).map(({ value }) => value),
  );
  const value = takes[take](orIterations ? [...values, iterations] : values);
  const waited = limit && Number(workload?.arguments[limit.argument] ?? limit.usual);
  return { value, isBound: value !== null && waited !== undefined && value >= waited };
}

const most = (values: readonly number[]): number | null =>
  values.reduce<number | null>((max, value) => Math.max(max ?? value, value), null);

/** Null of no values. */
const takes: Readonly<Record<Figure['take'], (values: readonly number[]) => number | null>> = {
  most,
  least: (values) => values.reduce<number | null>((min, value) => Math.min(min ?? value, value), null),
  last: (values) => values.at(-1) ?? null,
  growth: (values) => (values[0] === undefined ? null : (most(values) ?? values[0]) - values[0]),
};

function seriesOf(samples: StoredAttempt['samples']): SeriesRow['series'] {
  const start = samples[0]?.uptime ?? 0;
  // names come from the guest: a Map, so that none of them is a property of objects
  const series = new Map<string, (readonly [number, number])[]>();
  for (const { name, value, uptime } of samples) {
    const points = series.get(name) ?? [];
    points.push([Math.round((uptime - start) * 1000) / 1000, value]);
    series.set(name, points);
  }
  return Object.fromEntries(series);
}
