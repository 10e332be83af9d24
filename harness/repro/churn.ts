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
import { allAttempts } from './all-attempts.js';
import type { BugEvents, BugRequest } from './bug-request.js';
import type { ChurnBug } from './bugs.js';
import { chooseChurnKernels } from './choose-kernels.js';
import { comparisonProfile } from './profiles.js';

export interface ChurnRequest extends BugRequest {
  readonly bug: ChurnBug;
}

/** How kernels bear network namespaces that come and go; plain data, the document of --json. */
export interface Churn {
  readonly version: 1;
  readonly bug: string;
  readonly run: string;
  readonly folder: string;
  readonly seed: number;
  readonly outOfTime: boolean;
  readonly interrupted: boolean;
  /** Attempts that were to be made; more than there are rows where the run was cut short. */
  readonly planned: number;
  readonly rows: readonly ChurnRow[];
}

/** One attempt of one kernel at one rate. Null where the workload never came to tell. */
export interface ChurnRow {
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
  readonly made: number;
  readonly perSecond: number | null;
  /** Dead namespaces that were not yet cleaned up: the most, and when the last one was dropped. */
  readonly backlogPeak: number | null;
  readonly backlogAtEnd: number | null;
  readonly slabGrowthKiB: number | null;
  readonly memoryFreeMinKiB: number | null;
  /** Until the last was gone; where they never were, the wait's own limit, and `drained` is false. */
  readonly drainSeconds: number | null;
  readonly drained: boolean | null;
  readonly outOfMemory: boolean;
  readonly knownIssue: string | null;
  /** By the sample's name: seconds since the first sample, and the value. */
  readonly series: Readonly<Record<string, readonly (readonly [seconds: number, value: number])[]>>;
}

/**
 * Churns network namespaces on each kernel at each of the bug's rates.
 *
 * @throws KmatrixError as performRun does; HostError where no kernel is at hand
 */
export async function measureChurn(
  { bug, attempts = 1, minutes, ...request }: ChurnRequest,
  { emit, onChosen }: BugEvents,
  signal: AbortSignal,
): Promise<Churn> {
  const chosen = await chooseChurnKernels(request.matrix, bug, request.kernels);
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
        .map((attempt) => churnRow(id, name, row, attempt, purities.get(id)));
    }),
  );
  return {
    version: 1,
    bug: bug.id,
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
export function churnExitCode({ interrupted, planned, rows }: Churn): 0 | 1 | 3 | 130 {
  if (interrupted) return 130;
  if (rows.length > 0 && rows.every(({ outcome }) => outcome === 'unavailable')) return 3;
  const isMeasured = ({ outcome, backlogPeak }: ChurnRow): boolean =>
    outcome === 'unavailable' || backlogPeak !== null;
  return rows.length === planned && rows.every(isMeasured) ? 0 : 1;
}

/** What the samples of netns-churn add up to. */
export function churnRow(
  kernel: string,
  rate: string,
  workload: Pick<WorkloadRow, 'arguments'> | undefined,
  attempt: StoredAttempt,
  purity: string | null = null,
): ChurnRow {
  const { key, release, outcome, reason, reports, iterations, samples } = attempt;
  const values = (name: string): number[] =>
    samples.filter((sample) => sample.name === name).map(({ value }) => value);
  const last = (name: string): number | null => values(name).at(-1) ?? null;
  const slab = values('slab-kib');
  const drainSeconds = last('netns-drain-seconds');
  const waited = Number(workload?.arguments.drain_seconds ?? usualDrainSeconds);
  return {
    kernel,
    release,
    purity,
    rate,
    index: key.index,
    outcome,
    reason,
    work: workDone([attempt]),
    made: Math.max(iterations, ...values('netns-made')),
    perSecond: last('netns-per-second'),
    backlogPeak: most([...values('netns-backlog'), ...values('netns-backlog-at-end')]),
    backlogAtEnd: last('netns-backlog-at-end'),
    slabGrowthKiB: slab[0] === undefined ? null : (most(slab) ?? slab[0]) - slab[0],
    memoryFreeMinKiB: values('mem-free-kib').reduce<number | null>(
      (min, value) => Math.min(min ?? value, value),
      null,
    ),
    drainSeconds,
    drained: drainSeconds === null ? null : drainSeconds < waited,
    outOfMemory: reports.some(({ kind }) => kind === 'oom'),
    knownIssue: reports.find((report) => report.knownIssue !== null)?.knownIssue ?? null,
    series: seriesOf(samples),
  };
}

/** Where a row has no drain_seconds: the default of images/guest/workloads/netns-churn.c. */
const usualDrainSeconds = 120;

const most = (values: readonly number[]): number | null =>
  values.reduce<number | null>((max, value) => Math.max(max ?? value, value), null);

function seriesOf(samples: StoredAttempt['samples']): ChurnRow['series'] {
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
