import { basename } from 'node:path';
import { attemptId } from '../../results/attempt-id.js';
import type { StoredKernel } from '../../results/manifest.js';
import { readAttempts, readManifest } from '../../results/read-run.js';
import { type ArmSummary, ArmTally } from './arm-tally.js';
import { type Arm, arms } from './arms.js';

/** One kernel with every arm that was tried on it. */
export interface KernelEvidence {
  readonly id: string;
  readonly line: string;
  readonly flavour: string;
  readonly release: string;
  readonly arms: ReadonlyMap<Arm['id'], ArmEvidence>;
}

export interface ArmEvidence {
  readonly provoked: ArmSummary;
  /** Null where the arm has no control, or it wasn't run on this kernel. */
  readonly control: ArmSummary | null;
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
  readonly tallies: Map<string, ArmTally>;
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
    const collected = kernels.get(kernel.id) ?? { kernel, release: '', tallies: new Map() };
    kernels.set(kernel.id, collected);
    if (attempt.release !== '') collected.release = attempt.release;
    const tally = collected.tallies.get(name) ?? new ArmTally();
    collected.tallies.set(name, tally);
    tally.add(attempt, basename(folder));
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

function evidenceOf({ kernel, release, tallies }: Collected): KernelEvidence {
  const found = arms.flatMap(({ id }) => {
    const provoked = tallies.get(id)?.summary();
    const control = tallies.get(controlName(id))?.summary() ?? null;
    return provoked === undefined ? [] : [[id, { provoked, control }] as const];
  });
  const { id, line, flavour } = kernel;
  return { id, line, flavour, release, arms: new Map(found) };
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
