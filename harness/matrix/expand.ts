import { createHash } from 'node:crypto';
import { UsageError } from '../errors.js';
import { sha256 } from '../host/hash.js';
import { isBelowFloor, isInLines } from '../versions/kernel-lines.js';
import type { AxisRow } from './axes.js';
import { axisRows } from './axis-rows.js';
import { canonicalJson } from './canonical-json.js';
import { seedTextOf } from './cell-id.js';
import { cellOf, goTogether, isSelected, matrixCell, type Parts } from './cell-of.js';
import { matchesAny, select, suggestion } from './glob.js';
import { hasIdleRow } from './idle-rows.js';
import { namedCells } from './named-cells.js';
import type {
  AttemptKey,
  AxisPatterns,
  Cell,
  CellPatterns,
  ControlRow,
  KernelRow,
  Matrix,
  Profile,
  Selection,
} from './types.js';

/** A selection that leaves everything to its profile. */
export const wholeProfile = (profile: string): Selection => ({
  profile,
  kernels: [],
  workloads: [],
  axes: {},
  attempts: null,
  force: false,
});

/**
 * The cells of a run: the controls first, then the matrix, kernel by kernel in the order of matrix.yml. The same matrix
 * and selection give the same cells in the same order.
 *
 * @param canRun tells whether a control can run on a kernel; it takes the first of its kernels on which it can, or its
 *   first where there is none: then the control fails, in words, instead of vanishing
 * @throws UsageError for a profile or pattern that means nothing, for a kernel below the floor, and for no cells at all
 */
export function expand(matrix: Matrix, selection: Selection, canRun: CanRun = () => true): Cell[] {
  const { cells: named, attempts, cellAttempts = {} } = selection;
  if (named !== undefined) {
    const found = namedCells(matrix, named, (id) => cellAttempts[id] ?? attempts ?? 1);
    refuseBelowFloor(found, selection.force);
    return found;
  }
  const profile = profileOf(matrix, selection.profile);
  const cells = new Map<string, Cell>();
  for (const control of matrix.controls) add(cells, controlCell(matrix, control, canRun));
  const controls = cells.size;
  for (const cell of matrixCells(matrix, profile, selection)) add(cells, cell);
  if (cells.size === controls) {
    throw new UsageError(`profile '${profile.id}' and these patterns leave no cell`, {
      where: matrix.path,
      remedy: 'widen a pattern, name by its id what the profile excludes, or choose another profile',
    });
  }
  refuseBelowFloor([...cells.values()], selection.force);
  return [...cells.values()];
}

export type CanRun = (kernel: KernelRow, control: ControlRow) => boolean;

/** An earlier cell wins: a control over a matrix cell, the profile's own over a later `include`. */
function add(cells: Map<string, Cell>, cell: Cell): void {
  if (!cells.has(cell.id)) cells.set(cell.id, cell);
}

function profileOf(matrix: Matrix, id: string): Profile {
  const profile = matrix.profiles.find((one) => one.id === id);
  if (profile !== undefined) return profile;
  const ids = matrix.profiles.map((one) => one.id);
  throw new UsageError(`there is no profile '${id}'`, { where: matrix.path, remedy: suggestion(id, ids) });
}

function controlCell(matrix: Matrix, control: ControlRow, canRun: CanRun): Cell {
  const candidates = control.kernels.flatMap((id) => matrix.kernels.filter((row) => row.id === id));
  const kernel = candidates.find((row) => canRun(row, control)) ?? candidates[0];
  const workload = matrix.workloads.find((row) => row.id === control.workload);
  if (kernel === undefined || workload === undefined) {
    throw new UsageError(`control '${control.id}' names a row that isn't there`, {
      where: matrix.path,
      remedy: 'load the matrix with loadMatrix, which says which',
    });
  }
  const axes = axisRows(matrix, control.rows, `${matrix.path}, control ${control.id}`);
  const { role, attempts, expectation } = control;
  return { ...cellOf({ kernel, workload, axes }, matrix), role, attempts, expectation };
}

function* matrixCells(matrix: Matrix, profile: Profile, selection: Selection): Generator<Cell> {
  const { path } = matrix;
  const choose = <Row extends { readonly id: string }>(
    kind: string,
    rows: readonly Row[],
    asked: readonly string[],
    own: readonly string[],
  ): Row[] => {
    const ids = rows.map((row) => row.id);
    const chosen = new Set(select(kind, ids, asked.length > 0 ? asked : own, path));
    return rows.filter((row) => chosen.has(row.id));
  };
  const blocks = [
    { ...profile, attempts: profile.attempts, asked: selection },
    ...additions(profile, selection),
  ];
  const found: Cell[] = [];
  for (const block of blocks) {
    for (const kernel of choose('kernel', matrix.kernels, block.asked.kernels, block.kernels))
      for (const workload of choose('workload', matrix.workloads, block.asked.workloads, block.workloads))
        for (const axes of combinations(matrix, block, { kernel, workload }, choose)) {
          const parts = { kernel, workload, axes };
          if (!goTogether(parts) || hasIdleRow(parts, matrix, selection)) continue;
          if (!isSelected(parts, selection) || !isInLines(kernel.line, block.lines)) continue;
          if (profile.exclude.some((rule) => isExcluded(parts, rule, selection))) continue;
          const attempts = selection.attempts ?? block.attempts;
          found.push(matrixCell(parts, matrix, attempts));
        }
  }
  const order = new Map(matrix.kernels.map((row, index) => [row.id, index]));
  yield* found.toSorted((a, b) => (order.get(a.kernel.id) ?? 0) - (order.get(b.kernel.id) ?? 0));
}

type Choose = <Row extends { readonly id: string }>(
  kind: string,
  rows: readonly Row[],
  asked: readonly string[],
  own: readonly string[],
) => Row[];

/** Each row that is chosen of each axis with each of the others. */
function combinations(
  { axes }: Matrix,
  { axes: own, asked }: { readonly axes: AxisPatterns; readonly asked: Pick<Selection, 'axes'> },
  { kernel, workload }: Pick<Parts, 'kernel' | 'workload'>,
  choose: Choose,
): Readonly<Record<string, AxisRow>>[] {
  return axes.reduce<Readonly<Record<string, AxisRow>>[]>(
    (all, { axis, rows }) =>
      all.flatMap((one) => {
        // what a row of an axis before this one needs counts as what a workload does
        const needed = [workload.needs, ...Object.values(one).map(({ needs }) => needs?.axes)]
          .map((needs) => needs?.[axis.id])
          .find((patterns) => patterns !== undefined);
        const usual = needed ? bestFor(kernel, rows, needed) : rows.find((row) => row.usual);
        const unsaid = axis.unsaid === 'every row' || usual === undefined ? ['*'] : [usual.id];
        const chosen = choose(axis.called, rows, asked.axes[axis.id] ?? [], own[axis.id] ?? unsaid);
        return chosen.map((row) => ({ ...one, [axis.id]: row }));
      }),
    [{}],
  );
}

/** Of the rows that a workload needs one of, the first that this kernel can have; the first at all where it can't have any. */
function bestFor(
  { line }: KernelRow,
  rows: readonly AxisRow[],
  needed: readonly string[],
): AxisRow | undefined {
  const fitting = needed.flatMap((pattern) => rows.filter(({ id }) => matchesAny(id, [pattern])));
  return fitting.find(({ needs }) => isInLines(line, needs?.lines)) ?? fitting[0];
}

/** A rule keeps away what patterns bring along; where all that it is about was asked for by its very id, that was meant. */
function isExcluded(parts: Parts, rule: CellPatterns, selection: Selection): boolean {
  if (!isSelected(parts, rule)) return false;
  const lists = [
    { ruled: rule.kernels, asked: selection.kernels, id: parts.kernel.id },
    { ruled: rule.workloads, asked: selection.workloads, id: parts.workload.id },
    ...Object.entries(parts.axes).map(([axis, { id }]) => ({
      ruled: rule.axes[axis] ?? ['*'],
      asked: selection.axes[axis] ?? [],
      id,
    })),
  ];
  const about = lists.filter(({ ruled }) => !ruled.includes('*'));
  return !(about.length > 0 && about.every(({ asked, id }) => asked.includes(id)));
}

/** What is asked for narrows what a profile includes beyond its own patterns; it doesn't replace it. */
const additions = (profile: Profile, selection: Selection) =>
  profile.include.map((more) => ({
    ...more,
    attempts: more.attempts ?? profile.attempts,
    asked: wholeProfile(selection.profile),
  }));

function refuseBelowFloor(cells: readonly Cell[], force: boolean): void {
  const below = cells.find(({ kernel }) => isBelowFloor(kernel.line));
  if (below === undefined || force) return;
  throw new UsageError(
    `kernel ${below.kernel.id} is of line ${below.kernel.line}, below the floor of 2.6.32`,
    {
      where: below.id,
      remedy: 'leave it out (the document under test advises against anything older), or force it',
    },
  );
}

/**
 * The attempts of these cells in the order in which they run: controls, then kernel by kernel, and within a kernel each
 * cell once before any cell twice. Seeds come from SHA-256 over run seed, cell (seedTextOf) and index.
 *
 * @param seed of the run, unsigned 32 bits
 */
export function attemptKeys(cells: readonly Cell[], seed: number): AttemptKey[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const name = cell.role === 'matrix' ? `kernel ${cell.kernel.id}` : 'controls';
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [cell]);
    else group.push(cell);
  }
  const controls = groups.get('controls') ?? [];
  groups.delete('controls');
  return [controls, ...groups.values()].flatMap((group) => inRounds(group, seed));
}

function inRounds(cells: readonly Cell[], seed: number): AttemptKey[] {
  const keys: AttemptKey[] = [];
  const rounds = cells.reduce((most, { attempts }) => Math.max(most, attempts), 0);
  for (let index = 0; index < rounds; index++) {
    for (const { id, attempts } of cells) {
      if (index < attempts) keys.push({ cell: id, index, seed: seedOf(seed, id, index) });
    }
  }
  return keys;
}

const seedOf = (seed: number, cell: string, index: number): number =>
  createHash('sha256')
    .update(`${seed}\0${seedTextOf(cell)}\0${index}`)
    .digest()
    .readUInt32LE(0);

/**
 * SHA-256 (hex) over cells as expanded: rows, arguments, limits, expectations, attempts. Whatever else stands in matrix.yml, and
 * in which order, doesn't count.
 */
export const cellsHash = (cells: readonly Cell[]): string =>
  sha256(canonicalJson(cells.toSorted((a, b) => (a.id < b.id ? -1 : 1))));
