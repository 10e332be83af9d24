import { basename } from 'node:path';
import { attemptId } from '../../results/attempt-id.js';
import type { StoredKernel } from '../../results/manifest.js';
import { readAttempts, readManifest } from '../../results/read-run.js';
import { type ArmTally, tallyOf } from '../arm-tally.js';
import { type Attribution, attribute, isReproduced } from '../attribute.js';
import { type Arm, arms } from './arms.js';
import { type FirstReport, firstReport, type Told } from './first-report.js';

/** One kernel with every arm that was tried on it. */
export interface KernelEvidence {
  readonly id: string;
  readonly line: string;
  readonly flavour: string;
  readonly release: string;
  readonly arms: ReadonlyMap<Arm['id'], ArmEvidence>;
}

export interface ArmEvidence {
  readonly provoked: ArmTally;
  /** Null where the arm has no control, or it wasn't run on this kernel. */
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
 * All that stored runs say about #407.
 *
 * @param folders of runs
 */
export async function collect(folders: readonly string[]): Promise<Evidence> {
  const kernels = new Map<string, Collected>();
  const runs: string[] = [];
  for (const folder of folders) if (await collectRun(folder, kernels)) runs.push(basename(folder));
  return {
    runs: runs.toSorted(),
    kernels: [...kernels.values()].map(evidenceOf).toSorted((one, other) => byLine(one, other)),
  };
}

interface Collected {
  readonly kernel: StoredKernel;
  release: string;
  readonly attempts: Map<string, Told[]>;
}

async function collectRun(folder: string, kernels: Map<string, Collected>): Promise<boolean> {
  const { cells } = await readManifest(folder);
  const wanted = new Map(
    cells.flatMap((cell) => {
      const name = tallyName(cell.workload.id, cell.boot.id);
      return name === undefined ? [] : [[cell.id, { kernel: cell.kernel, name }] as const];
    }),
  );
  const seen = new Set<string>();
  for await (const attempt of readAttempts(folder)) {
    const cell = wanted.get(attempt.key.cell);
    const id = attemptId(attempt.key);
    if (cell === undefined || seen.has(id) || attempt.outcome === 'unavailable') continue;
    seen.add(id);
    const { kernel, name } = cell;
    const collected = kernels.get(kernel.id) ?? { kernel, release: '', attempts: new Map() };
    kernels.set(kernel.id, collected);
    if (attempt.release !== '') collected.release = attempt.release;
    const told = collected.attempts.get(name) ?? [];
    collected.attempts.set(name, told);
    told.push({ run: basename(folder), attempt });
  }
  return seen.size > 0;
}

/** Which arm, or control of which arm, a cell belongs to; undefined for cells of other experiments. */
function tallyName(workload: string, boot: string): string | undefined {
  const arm = arms.find((one) => one.boot === boot && one.workloads.includes(workload));
  if (arm !== undefined) return arm.id;
  const controlled = arms.find((one) => one.boot === boot && one.controls.includes(workload));
  return controlled === undefined ? undefined : controlName(controlled.id);
}

const controlName = (arm: Arm['id']): string => `control of ${arm}`;

function evidenceOf({ kernel, release, attempts }: Collected): KernelEvidence {
  const found = arms.flatMap(({ id }) => {
    const told = attempts.get(id);
    return told === undefined ? [] : [[id, armEvidence(id, told, attempts.get(controlName(id)))] as const];
  });
  const { id, line, flavour } = kernel;
  return { id, line, flavour, release, arms: new Map(found) };
}

function armEvidence(
  id: Arm['id'],
  told: readonly Told[],
  controls: readonly Told[] | undefined,
): ArmEvidence {
  const provoked = told.map(({ attempt }) => attempt);
  const control = controls?.map(({ attempt }) => attempt) ?? null;
  return {
    provoked: tallyOf(id, provoked, issue),
    control: control === null ? null : tallyOf(controlName(id), control, issue),
    attribution: attribute(issue, provoked, control),
    first: firstReport(told, issue),
  };
}

/** As known-issues.yml names it. */
const issue = '#407';

/** Whether any arm of the given ones showed the bug on this kernel; null where none was run. */
export function hasBug(kernel: KernelEvidence, ids: readonly Arm['id'][]): boolean | null {
  const found = ids.flatMap((id) => kernel.arms.get(id) ?? []);
  return found.length === 0 ? null : found.some(({ attribution }) => isReproduced(attribution));
}

function byLine(one: KernelEvidence, other: KernelEvidence): number {
  const [a, b] = [numbersOf(one.line), numbersOf(other.line)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.id.localeCompare(other.id);
}

const numbersOf = (line: string): number[] => line.split('.').map((part) => Number.parseInt(part, 10) || 0);
