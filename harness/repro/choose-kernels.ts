import { HostError } from '../errors.js';
import { importedRow } from '../kernels/imported-row.js';
import { cachedKernel } from '../kernels/sources/cached-kernel.js';
import { matchesAny } from '../matrix/glob.js';
import { selectRows } from '../matrix/select-rows.js';
import type { KernelRow, Matrix, Patterns } from '../matrix/types.js';
import { compareLines } from '../versions/kernel-lines.js';
import type { Arm, ReportsBug, SeriesBug } from './bugs.js';

/** Kernels of a reproduction; the matrix has rows for those that were imported, too. */
export interface Chosen {
  readonly matrix: Matrix;
  readonly kernels: readonly KernelRow[];
  /** Why these, for people; '' where they were asked for. */
  readonly because: string;
}

/** Does the cache hold this row's kernel? A test may answer in its place. */
export type IsCached = (row: KernelRow) => Promise<boolean>;

/**
 * What was asked for, or the known-bad kernel that the cache holds and the arm likes best.
 *
 * @throws UsageError for a pattern that matches nothing; HostError where no known-bad kernel is there, with the commands that
 *   get one
 */
export async function chooseKernels(
  matrix: Matrix,
  bug: ReportsBug,
  arm: Arm,
  asked: Patterns,
  isCached: IsCached = inCache,
): Promise<Chosen> {
  if (asked.length > 0) return await askedFor(matrix, asked);
  const candidates = inOrder(bug, arm).flatMap(({ kernel, because }) => {
    const row = matrix.kernels.find(({ id }) => id === kernel);
    return row === undefined ? [] : [{ row, because }];
  });
  for (const { row, because } of candidates) {
    if (await isCached(row)) return { matrix, kernels: [row], because };
  }
  throw noKernel(
    `the cache has no kernel that has ${bug.knownIssue}`,
    candidates.map(({ row }) => row),
  );
}

/** What was asked for, or the lines that tell the bug apart, as far as the cache holds them, and the newest one. */
export async function chooseSeriesKernels(
  matrix: Matrix,
  bug: SeriesBug,
  asked: Patterns,
  isCached: IsCached = inCache,
): Promise<Chosen> {
  if (asked.length > 0) return await askedFor(matrix, asked);
  const named = matrix.kernels.filter(({ id }) => bug.kernels.includes(id));
  const newer = matrix.kernels
    .filter(({ id }) => matchesAny(id, bug.newestOf))
    .toSorted((a, b) => compareLines(b.line, a.line));
  const kernels: KernelRow[] = [];
  for (const row of named) if (await isCached(row)) kernels.push(row);
  for (const row of newer) {
    if (kernels.includes(row) || !(await isCached(row))) continue;
    kernels.push(row);
    break;
  }
  if (kernels.length > 0)
    return { matrix, kernels, because: 'the line that has it, and those after it, as cached' };
  throw noKernel('the cache has none of the kernels to compare', [...named, ...newer]);
}

const inOrder = ({ knownBad }: ReportsBug, { prefer }: Arm): ReportsBug['knownBad'] => {
  const rank = (kernel: string): number => (prefer.includes(kernel) ? prefer.indexOf(kernel) : prefer.length);
  return knownBad.toSorted((a, b) => rank(a.kernel) - rank(b.kernel));
};

/** A word that is no row may be a kernel that was imported under that name. */
async function askedFor(matrix: Matrix, asked: Patterns): Promise<Chosen> {
  const imported: KernelRow[] = [];
  for (const word of asked) {
    if (matrix.kernels.some(({ id }) => matchesAny(id, [word]))) continue;
    const row = await importedRow(word);
    if (row !== undefined) imported.push(row);
  }
  const all = { ...matrix, kernels: [...matrix.kernels, ...imported] };
  return { matrix: all, kernels: selectRows(all, asked), because: '' };
}

const inCache: IsCached = async (row) => (await cachedKernel(row)) !== undefined;

function noKernel(what: string, rows: readonly KernelRow[]): HostError {
  // what nobody can fetch comes last
  const commands = rows.toSorted((a, b) => Number(isGiven(a)) - Number(isGiven(b))).map(wayTo);
  return new HostError(what, {
    remedy: [
      'get one, then run this command again:',
      ...[...new Set(commands)].slice(0, 6).map((command) => `    ${command}`),
      '    kmatrix images import NAME BZIMAGE, then kmatrix repro ISSUE --kernel NAME',
    ].join('\n'),
  });
}

/** The command that brings a row's kernel into the cache. */
function wayTo({ id, source }: KernelRow): string {
  if (source.kind !== 'tree') return `kmatrix images fetch ${id}`;
  return isGiven({ source })
    ? `kmatrix images build ${id} --tree FOLDER`
    : `kmatrix images build ${id} [--tree FOLDER]`;
}

/** Is its tree one that has no public place? */
const isGiven = ({ source }: Pick<KernelRow, 'source'>): boolean =>
  source.kind === 'tree' && source.supplied === true;
