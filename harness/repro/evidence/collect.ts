import { basename } from 'node:path';
import { HarnessBug } from '../../errors.js';
import { type UnusualRows, usualAxes } from '../../matrix/axes.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import { partsOfCellId } from '../../matrix/cell-id.js';
import type { StoredAttempt } from '../../results/attempt-schema.js';
import { distinctAttempts } from '../../results/distinct-attempts.js';
import type { StoredCell, StoredKernel } from '../../results/manifest.js';
import { readManifest } from '../../results/read-run.js';
import { recordedPurities } from '../../results/recorded-purities.js';
import { readSessions, type Session } from '../../results/session.js';
import { compareLines } from '../../versions/kernel-lines.js';
import { type ArmTally, tallyOf } from '../arm-tally.js';
import { type Attribution, attribute, isReproduced } from '../attribute.js';
import type { Experiment, PagedBug } from '../bugs.js';
import { admitRun } from './admit-run.js';
import { type FirstReport, firstReport, type RecordedAttempt } from './first-report.js';
import { ownControls } from './own-controls.js';
import { type Way, wayKey, wayOf } from './way.js';

/** One kernel with all that was tried on it. */
export interface KernelEvidence {
  readonly id: string;
  readonly line: string;
  readonly flavour: string;
  readonly release: string;
  /** What is known of the source of its images (purityOf), each once; null where a run is from before that was recorded. */
  readonly purity: readonly (string | null)[];
  readonly trials: readonly Trial[];
}

/** One experiment on one kernel with one row of each axis, its attempts made in one way. */
export interface Trial {
  readonly experiment: Experiment;
  readonly rows: UnusualRows;
  readonly way: Way;
  /** Those of both arms' attempts. */
  readonly sessions: readonly Session[];
  readonly provoked: ArmTally;
  /** Null where it wasn't run on this kernel. */
  readonly control: ArmTally | null;
  readonly attribution: Attribution;
  readonly first: FirstReport | null;
}

export interface Evidence {
  /** Runs that have anything to say. */
  readonly runs: readonly string[];
  /** Runs of this bug's workloads that don't count, or not in all. */
  readonly leftOut: readonly LeftOut[];
  /** By line, oldest first. */
  readonly kernels: readonly KernelEvidence[];
}

export interface LeftOut {
  readonly run: string;
  readonly why: string;
}

/**
 * All that stored runs say about a bug: matrix runs whose controls held, comparisons of `kmatrix repro` as far as their own control
 * arms did. Hosts, accelerators, ways of starting machines and their number are kept apart.
 *
 * @param folders of runs
 */
export async function collect(bug: PagedBug, folders: readonly string[]): Promise<Evidence> {
  const kernels = new Map<string, Collected>();
  const runs: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const folder of folders) {
    const run = basename(folder);
    const { counted, why } = await collectRun(bug, folder, kernels);
    if (counted) runs.push(run);
    leftOut.push(...why.map((one) => ({ run, why: one })));
  }
  return {
    runs: runs.toSorted(),
    leftOut: leftOut.toSorted((one, other) => one.run.localeCompare(other.run)),
    kernels: [...kernels.values()].map((kernel) => evidenceOf(bug, kernel)).toSorted(byLine),
  };
}

/** What was told of one workload with one row of each axis, in one way. */
interface TrialAttempts {
  readonly workload: string;
  readonly rows: UnusualRows;
  readonly way: Way;
  readonly told: RecordedAttempt[];
  readonly sessions: Set<Session>;
}

interface Collected {
  readonly kernel: StoredKernel;
  release: string;
  readonly purity: Set<string | null>;
  readonly attempts: TrialAttempts[];
}

interface RunCollected {
  readonly counted: boolean;
  /** Why it, or parts of it, don't count. */
  readonly why: readonly string[];
}

async function collectRun(
  { id, page: { experiments } }: PagedBug,
  folder: string,
  kernels: Map<string, Collected>,
): Promise<RunCollected> {
  const manifest = await readManifest(folder);
  const wanted = new Map(
    manifest.cells
      .filter(({ workload }) => experiments.some((one) => isOf(one, workload.id)))
      .map((cell) => [cell.id, cell] as const),
  );
  if (wanted.size === 0) return { counted: false, why: [] };
  const admission = await admitRun(folder, manifest, id);
  if (admission.counts === false) return { counted: false, why: [admission.why] };
  const attempts: StoredAttempt[] = [];
  for await (const attempt of distinctAttempts(folder))
    if (wanted.has(attempt.key.cell)) attempts.push(attempt);
  const vouched =
    admission.counts === 'matrix' ? { attempts, leftOut: [] } : ownControls(attempts, experiments);
  const sessions = new Map((await readSessions(folder, manifest)).map((session) => [session.id, session]));
  const purities = await recordedPurities(folder);
  let counted = false;
  for (const attempt of vouched.attempts) {
    const cell = wanted.get(attempt.key.cell);
    if (cell === undefined || attempt.outcome === 'unavailable') continue;
    counted = true;
    const { kernel } = cell;
    const collected = kernels.get(kernel.id) ?? { kernel, release: '', purity: new Set(), attempts: [] };
    kernels.set(kernel.id, collected);
    if (attempt.release !== '') collected.release = attempt.release;
    collected.purity.add(purities.get(kernel.id) ?? null);
    const session = sessionOf(attempt, sessions);
    const like = attemptsLike(collected, cell, wayOf(attempt, session));
    like.told.push({ run: basename(folder), attempt });
    like.sessions.add(session);
  }
  return { counted, why: vouched.leftOut };
}

function sessionOf({ session }: StoredAttempt, sessions: ReadonlyMap<string, Session>): Session {
  const found = sessions.get(session);
  if (found === undefined) throw new HarnessBug(`an attempt of session ${session}, which isn't in its run`);
  return found;
}

const isOf = ({ workload, control }: Experiment, id: string): boolean => workload === id || control === id;

/** The list that an attempt of this cell belongs to, made where it is the first. */
function attemptsLike({ attempts }: Collected, { id }: StoredCell, way: Way): TrialAttempts {
  const { workload, rows } = partsOfCellId(id);
  const wanted = { workload, rows, way };
  const found = attempts.find(isLike(wanted));
  if (found) return found;
  const made = { ...wanted, told: [], sessions: new Set<Session>() };
  attempts.push(made);
  return made;
}

const isLike =
  (one: Omit<TrialAttempts, 'told' | 'sessions'>) =>
  (other: TrialAttempts): boolean =>
    one.workload === other.workload && isSameSetting(one, other) && wayKey(one.way) === wayKey(other.way);

function evidenceOf(
  { knownIssue, page: { experiments } }: PagedBug,
  { kernel, release, purity, attempts }: Collected,
): KernelEvidence {
  const { id, line, flavour } = kernel;
  const trials = experiments.flatMap((experiment) =>
    attempts
      .filter(({ workload }) => workload === experiment.workload)
      .toSorted(bySetting)
      .map((provoked) =>
        trialOf(
          knownIssue,
          experiment,
          provoked,
          attempts.find(isLike({ ...provoked, workload: experiment.control })),
        ),
      ),
  );
  return { id, line, flavour, release, purity: [...purity], trials };
}

/** Both with the same rows of all axes. */
export const isSameSetting = (one: Pick<Trial, 'rows'>, other: Pick<Trial, 'rows'>): boolean =>
  canonicalJson(one.rows) === canonicalJson(other.rows);

/** Usual rows come first: as kernels are booted, then by the other axes. */
const bySetting = (one: TrialAttempts, other: TrialAttempts): number =>
  ofKernelFirst
    .map((axis) => (one.rows[axis] ?? '').localeCompare(other.rows[axis] ?? ''))
    .find((order) => order !== 0) || wayKey(one.way).localeCompare(wayKey(other.way));

const ofKernelFirst = usualAxes
  .toSorted((a, b) => Number(b.ofKernel) - Number(a.ofKernel))
  .map(({ id }) => id);

function trialOf(
  issue: string,
  experiment: Experiment,
  { rows, way, told, sessions }: TrialAttempts,
  controls: TrialAttempts | undefined,
): Trial {
  const provoked = told.map(({ attempt }) => attempt);
  const control = controls?.told.map(({ attempt }) => attempt) ?? null;
  return {
    experiment,
    rows,
    way,
    sessions: [...sessions, ...(controls?.sessions ?? [])],
    provoked: tallyOf(experiment.workload, provoked, issue),
    control: control === null ? null : tallyOf(experiment.control, control, null),
    attribution: attribute(issue, provoked, control),
    first: firstReport(told, issue),
  };
}

/**
 * What the trials of one kind say of a kernel. Unclear: it failed, and neither frames nor comparison say by what. Null where
 * none was run, or none told anything: what never started, or failed by another bug, was no silence.
 */
export function hasBug(
  { trials }: KernelEvidence,
  kind: Experiment['kind'],
): 'seen' | 'unclear' | 'silent' | null {
  const mine = trials.filter(({ experiment }) => experiment.kind === kind);
  if (mine.some(({ attribution }) => isReproduced(attribution))) return 'seen';
  const telling = mine.filter(({ provoked }) => provoked.of > 0);
  if (telling.length === 0) return null;
  return telling.every(({ attribution }) => attribution.how === 'no report') ? 'silent' : 'unclear';
}

const byLine = (one: KernelEvidence, other: KernelEvidence): number =>
  compareLines(one.line, other.line) || one.id.localeCompare(other.id);
