import { type KnownIssue, knownIssueOf } from '../diagnosis/known-issues.js';
import { HarnessBug } from '../errors.js';
import { coresHere } from '../host/cores.js';
import { kernelArguments } from '../matrix/axes.js';
import { cellIdIn } from '../matrix/axis-rows.js';
import { partsOfCellId } from '../matrix/cell-id.js';
import { wholeProfile } from '../matrix/expand.js';
import type { KernelRow, Matrix } from '../matrix/types.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import { readManifest } from '../results/read-run.js';
import { recordedPurities } from '../results/recorded-purities.js';
import { performRun } from '../run/perform-run.js';
import type { PerformedRun, RunRequest } from '../run/types.js';
import type { RunEvent } from '../schedule/types.js';
import { type ArmTally, tallyOf } from './arm-tally.js';
import { type Attribution, attribute, isCandidate, isNamed, isReproduced } from './attribute.js';
import type { BugEvents, BugRequest } from './bug-request.js';
import type { Arm, ReportsBug } from './bugs.js';
import { type Chosen, chooseKernels } from './choose-kernels.js';
import { type Finding, findingOf } from './finding.js';
import { type OnOfficial, onOfficial } from './on-official.js';
import { allAttempts, comparisonProfile, searchProfile } from './profiles.js';

export interface ReproRequest extends BugRequest {
  readonly bug: ReportsBug;
  readonly arm: Arm;
  /** Run the control arm beside it, and both to their end. */
  readonly control: boolean;
}

/** What came of it; plain data, the document of --json. Guest text in it is raw, but for excerpts. */
export interface Reproduction {
  readonly version: 1;
  readonly bug: string;
  readonly issue: Pick<KnownIssue, 'id' | 'title' | 'affected' | 'fixed' | 'commit' | 'url'>;
  readonly arm: Pick<Arm, 'name' | 'defect' | 'workload' | 'boot' | 'control'>;
  /** search: until the first report that is the bug; comparison: every attempt. */
  readonly mode: 'search' | 'comparison';
  readonly run: string;
  readonly folder: string;
  readonly seed: number;
  readonly outOfTime: boolean;
  readonly interrupted: boolean;
  readonly kernels: readonly KernelReproduction[];
  /** The arm on each official kernel among these; empty where there is none. */
  readonly official: readonly OnOfficial[];
}

export interface KernelReproduction {
  readonly kernel: string;
  /** uname -r; '' where it never ran. */
  readonly release: string;
  /** What is known of its source (purityOf); null where it could not be had. */
  readonly purity: string | null;
  /** Why it could not be had; null where it could. */
  readonly unavailable: string | null;
  readonly attribution: Attribution;
  readonly arm: ArmTally;
  readonly control: ArmTally | null;
  /** The attempt that shows it best; null without any. */
  readonly finding: Finding | null;
}

/**
 * Runs a bug's workload on kernels until it is met, or a comparison to its end, and says whether what came is the bug.
 *
 * @throws KmatrixError as performRun does; HostError where no known-bad kernel is at hand
 */
export async function reproduce(
  request: ReproRequest,
  { emit, onChosen }: BugEvents,
  signal: AbortSignal,
): Promise<Reproduction> {
  const { bug, arm } = request;
  const chosen = await chooseKernels(request.matrix, bug, arm, request.kernels);
  onChosen(chosen);
  const mode = request.control || chosen.kernels.length > 1 ? 'comparison' : 'search';
  // whatever the arm's kernel does is an answer; the matrix's expectations are for its own profiles
  const sought = (event: RunEvent): void =>
    emit(
      event.type === 'attempt-finished' && partsOfCellId(event.key.cell).workload === arm.workload
        ? { ...event, expected: event.result.outcome !== 'harness-error' }
        : event,
    );
  const run = (parts: Partial<RunRequest>): Promise<PerformedRun> =>
    performRun({ ...runRequest(request, chosen, mode), ...parts }, sought, signal);
  const done = mode === 'search' ? await search(request, run) : await run({});
  const { folder } = done;
  const attempts = await allAttempts(folder);
  const { id, seed } = await readManifest(folder);
  const kernels: KernelReproduction[] = [];
  const purities = await recordedPurities(folder);
  for (const row of chosen.kernels)
    kernels.push({
      ...(await kernelReproduction(row, { ...request, matrix: chosen.matrix }, attempts, folder)),
      purity: purities.get(row.id) ?? null,
    });
  const ofArm = chosen.kernels.map((kernel) => ({
    kernel,
    attempts: attempts.filter(({ key }) => key.cell === armCell(chosen.matrix, kernel.id, arm.workload, arm)),
  }));
  return {
    version: 1,
    bug: bug.id,
    issue: issueOf(bug),
    arm: { name: arm.name, defect: arm.defect, workload: arm.workload, boot: arm.boot, control: arm.control },
    mode,
    run: id,
    folder,
    seed,
    outOfTime: done.outOfTime,
    interrupted: done.interrupted,
    kernels,
    official: onOfficial(bug, ofArm),
  };
}

/** The cell of an arm's workload, on a machine as the arm wants it. */
const armCell = (matrix: Matrix, kernel: string, workload: string, { boot }: Arm): string =>
  cellIdIn(matrix, { kernel, workload, rows: { [kernelArguments]: boot } });

/** 0 reproduced, or a comparison of kernels that has an answer for each; 1 not; 3 no kernel; 130 interrupted. */
export function reproExitCode({ interrupted, kernels }: Reproduction): 0 | 1 | 3 | 130 {
  if (interrupted) return 130;
  if (kernels.every(({ unavailable }) => unavailable !== null)) return 3;
  const [only] = kernels;
  if (only !== undefined && kernels.length === 1) return isReproduced(only.attribution) ? 0 : 1;
  return kernels.every(({ unavailable, arm }) => unavailable !== null || arm.of > 0) ? 0 : 1;
}

/** Of each arm, on each kernel. */
const comparisonAttempts = 5;
/**
 * Of each arm, where a report without the path's frames is to be attributed: 4 of 8 against 0 of 8 is told from chance, so
 * that an arm that fails two times in three nearly always passes. The number is set beforehand: looking after each attempt
 * and stopping at the first good moment would find differences where there are none.
 */
const attributionAttempts = 8;
const searchAttempts = 20;

/**
 * The arm alone until something fails. Frames that name the path end it there; else both arms go on, in the same run, until
 * the comparison has its numbers, frames turn up after all, or the control fails.
 */
async function search(
  { bug: { knownIssue }, arm, attempts = searchAttempts, minutes }: ReproRequest,
  run: (parts: Partial<RunRequest>) => Promise<PerformedRun>,
): Promise<PerformedRun> {
  const began = performance.now();
  const isArm = (cell: string): boolean => partsOfCellId(cell).workload === arm.workload;
  const first = await run({
    endAtReport: true,
    only: ({ cell }) => isArm(cell),
    until: (result) => isCandidate(result, knownIssue),
  });
  const seen = await allAttempts(first.folder);
  const isOpen =
    seen.some((one) => isCandidate(one, knownIssue)) && !seen.some((one) => isNamed(one, knownIssue));
  if (!isOpen || arm.control === null || first.interrupted || first.outOfTime) return first;
  const left =
    minutes === undefined
      ? {}
      : { limitSeconds: Math.max(1, minutes * 60 - (performance.now() - began) / 1000) };
  return await run({
    ...left,
    resume: first.folder,
    endAtReport: true,
    only: ({ index }) => index < Math.min(attempts, attributionAttempts),
    until: (result) => (isArm(result.key.cell) ? isNamed(result, knownIssue) : isCandidate(result, null)),
  });
}

function runRequest(
  { bug, arm, attempts, minutes, jobs, ...request }: ReproRequest,
  { matrix, kernels }: Chosen,
  mode: Reproduction['mode'],
): RunRequest {
  const workloads = arm.control === null ? [arm.workload] : [arm.workload, arm.control];
  const cells = kernels.flatMap(({ id }) => workloads.map((workload) => armCell(matrix, id, workload, arm)));
  const cpus = matrix.workloads.find(({ id }) => id === arm.workload)?.machine.cpus ?? 1;
  return {
    ...request,
    matrix,
    refresh: false,
    // One machine with its cores to itself comes to its report sooner than two that share them. Rates are compared between
    // runs, and a race's depends on how many machines share the cores: as many each time.
    jobs: jobs ?? (mode === 'search' ? Math.max(1, Math.floor(coresHere() / cpus)) : coresHere()),
    limitSeconds: minutes === undefined ? undefined : minutes * 60,
    endAtReport: true,
    selection: {
      // no profile of matrix.yml: a search ends by what it finds
      ...wholeProfile(mode === 'search' ? searchProfile(bug.id) : comparisonProfile(bug.id)),
      attempts: attempts ?? (mode === 'search' ? searchAttempts : comparisonAttempts),
      cells,
    },
  };
}

async function kernelReproduction(
  { id }: KernelRow,
  { bug: { knownIssue }, arm, matrix }: ReproRequest,
  attempts: readonly StoredAttempt[],
  folder: string,
): Promise<Omit<KernelReproduction, 'purity'>> {
  const of = (workload: string): StoredAttempt[] =>
    attempts.filter(({ key }) => key.cell === armCell(matrix, id, workload, arm));
  const own = of(arm.workload);
  const control = arm.control === null ? [] : of(arm.control);
  const best =
    own.find((one) => isNamed(one, knownIssue)) ?? own.find((one) => isCandidate(one, knownIssue)) ?? null;
  return {
    kernel: id,
    release: own.find(({ release }) => release !== '')?.release ?? '',
    unavailable: own.find(({ outcome }) => outcome === 'unavailable')?.reason ?? null,
    attribution: attribute(knownIssue, own, control.length === 0 ? null : control),
    arm: tallyOf(arm.workload, own, knownIssue),
    control: control.length === 0 || arm.control === null ? null : tallyOf(arm.control, control, null),
    finding: best && (await findingOf(best, knownIssue, folder)),
  };
}

function issueOf({ id, knownIssue }: ReportsBug): Reproduction['issue'] {
  const known = knownIssueOf(knownIssue);
  if (known === undefined) throw new HarnessBug(`bug ${id} names the issue ${knownIssue}, which isn't known`);
  const { title, affected, fixed, commit, url } = known;
  return { id: knownIssue, title, affected, fixed, commit, url };
}
