import { basename } from 'node:path';
import { compareLines } from '../../matrix/index.js';
import type { StoredAttempt } from '../../results/attempt-schema.js';
import { distinctAttempts } from '../../results/distinct-attempts.js';
import type { StoredCell, StoredKernel } from '../../results/manifest.js';
import { readManifest } from '../../results/read-run.js';
import { type ArmTally, tallyOf } from '../arm-tally.js';
import { type Attribution, attribute, isReproduced } from '../attribute.js';
import { isComparison } from '../profiles.js';
import { type Experiment, experiments } from './experiments.js';
import { type FirstReport, firstReport, type Told } from './first-report.js';

/** One kernel with all that was tried on it. */
export interface KernelEvidence {
  readonly id: string;
  readonly line: string;
  readonly flavour: string;
  readonly release: string;
  readonly trials: readonly Trial[];
}

/** One experiment on one kernel with one row of boot arguments and one storage driver. */
export interface Trial {
  readonly experiment: Experiment;
  readonly boot: string;
  readonly storage: string;
  readonly provoked: ArmTally;
  /** Null where it wasn't run on this kernel. */
  readonly control: ArmTally | null;
  readonly attribution: Attribution;
  readonly first: FirstReport | null;
}

export interface Evidence {
  /** Runs that have anything to say. */
  readonly runs: readonly string[];
  /** By line, oldest first. */
  readonly kernels: readonly KernelEvidence[];
}

/**
 * All that stored runs say about #407, comparisons of `kmatrix repro` among them. A search, and a comparison that was cut
 * short, are left out: what ended them chose among their attempts, so that their rates are none.
 *
 * @param folders of runs
 */
export async function collect(folders: readonly string[]): Promise<Evidence> {
  const kernels = new Map<string, Collected>();
  const runs: string[] = [];
  for (const folder of folders) if (await collectRun(folder, kernels)) runs.push(basename(folder));
  return {
    runs: runs.toSorted(),
    kernels: [...kernels.values()].map(evidenceOf).toSorted(byLine),
  };
}

/** What was told of one workload with one row of boot arguments and one storage driver. */
interface TrialAttempts {
  readonly workload: string;
  readonly boot: string;
  readonly storage: string;
  readonly told: Told[];
}

interface Collected {
  readonly kernel: StoredKernel;
  release: string;
  readonly attempts: TrialAttempts[];
}

async function collectRun(folder: string, kernels: Map<string, Collected>): Promise<boolean> {
  const { cells, selection } = await readManifest(folder);
  if (selection.cells !== undefined && !isComparison(selection, bug)) return false;
  const wanted = new Map(
    cells.filter(({ workload }) => isWanted(workload.id)).map((cell) => [cell.id, cell] as const),
  );
  const attempts: StoredAttempt[] = [];
  for await (const attempt of distinctAttempts(folder))
    if (wanted.has(attempt.key.cell)) attempts.push(attempt);
  // cut short, a comparison lacks the attempts that take long: the silent ones
  const planned = [...wanted.values()].reduce((sum, cell) => sum + cell.attempts, 0);
  if (selection.cells !== undefined && attempts.length < planned) return false;
  let told = false;
  for (const attempt of attempts) {
    const cell = wanted.get(attempt.key.cell);
    if (cell === undefined || attempt.outcome === 'unavailable') continue;
    told = true;
    const { kernel } = cell;
    const collected = kernels.get(kernel.id) ?? { kernel, release: '', attempts: [] };
    kernels.set(kernel.id, collected);
    if (attempt.release !== '') collected.release = attempt.release;
    attemptsLike(collected, cell).told.push({ run: basename(folder), attempt });
  }
  return told;
}

const isWanted = (id: string): boolean =>
  experiments.some(({ workload, control }) => workload === id || control === id);

/** The list that an attempt of this cell belongs to, made where it is the first. */
function attemptsLike({ attempts }: Collected, { workload, boot, storage }: StoredCell): TrialAttempts {
  const wanted = { workload: workload.id, boot: boot.id, storage: storage.id };
  const found = attempts.find(isLike(wanted));
  if (found) return found;
  const made = { ...wanted, told: [] };
  attempts.push(made);
  return made;
}

const isLike =
  (one: Omit<TrialAttempts, 'told'>) =>
  (other: TrialAttempts): boolean =>
    one.workload === other.workload && one.boot === other.boot && one.storage === other.storage;

function evidenceOf({ kernel, release, attempts }: Collected): KernelEvidence {
  const { id, line, flavour } = kernel;
  const trials = experiments.flatMap((experiment) =>
    attempts
      .filter(({ workload }) => workload === experiment.workload)
      .toSorted(bySetting)
      .map((provoked) =>
        trialOf(experiment, provoked, attempts.find(isLike({ ...provoked, workload: experiment.control }))),
      ),
  );
  return { id, line, flavour, release, trials };
}

/** No storage driver comes first. */
const bySetting = (one: TrialAttempts, other: TrialAttempts): number =>
  one.boot.localeCompare(other.boot) ||
  Number(other.storage === plain) - Number(one.storage === plain) ||
  one.storage.localeCompare(other.storage);

/** The storage row of a machine's own root file system. */
export const plain = 'plain';

function trialOf(
  experiment: Experiment,
  { boot, storage, told }: TrialAttempts,
  controls: TrialAttempts | undefined,
): Trial {
  const provoked = told.map(({ attempt }) => attempt);
  const control = controls?.told.map(({ attempt }) => attempt) ?? null;
  return {
    experiment,
    boot,
    storage,
    provoked: tallyOf(experiment.workload, provoked, issue),
    control: control === null ? null : tallyOf(experiment.control, control, null),
    attribution: attribute(issue, provoked, control),
    first: firstReport(told, issue),
  };
}

/** As known-issues.yml and bugs.yml name it. */
export const issue = '#407';
const bug = '407';

/**
 * What the trials of one kind say of a kernel. Unclear: it failed, and neither frames nor comparison say by what. Null where
 * none was run.
 */
export function hasBug(
  { trials }: KernelEvidence,
  kind: Experiment['kind'],
): 'seen' | 'unclear' | 'silent' | null {
  const mine = trials.filter(({ experiment }) => experiment.kind === kind);
  if (mine.length === 0) return null;
  if (mine.some(({ attribution }) => isReproduced(attribution))) return 'seen';
  return mine.every(({ attribution }) => attribution.how === 'no report') ? 'silent' : 'unclear';
}

const byLine = (one: KernelEvidence, other: KernelEvidence): number =>
  compareLines(one.line, other.line) || one.id.localeCompare(other.id);
