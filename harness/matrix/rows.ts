import { z } from 'zod';
import type { LineRange } from '../versions/kernel-lines.js';
import type { Axis, AxisNeeds, AxisRow, UnusualRows, WrittenAxisRow } from './axes.js';
import { type MatrixFile, namesOf, saidOf } from './schema.js';
import type { CellPatterns, Expectation, KernelSource, Matrix } from './types.js';

type FileKernel = MatrixFile['kernels'][string];

/** The rows of a checked matrix.yml, defaults filled in. A map's rows keep the order in which they are written. */
export function rowsOf(file: MatrixFile, axes: readonly Axis[]): Omit<Matrix, 'path' | 'hash'> {
  const patternsOf = (row: WrittenPatterns): CellPatterns => cellPatternsOf(row, axes);
  const { defaults } = file;
  return {
    kernels: Object.entries(file.kernels).map(([id, row]) => ({
      id,
      line: row.line,
      ...(row.version === undefined ? {} : { version: row.version }),
      flavour: row.flavour,
      source: sourceOf(row),
      bootArguments: row.bootArguments,
      verified: row.verified,
    })),
    workloads: Object.entries(file.workloads).map(([id, { needs, uses, ...row }]) => ({
      id,
      ...row,
      timeoutSeconds: row.timeoutSeconds ?? defaults.timeoutSeconds,
      machine: row.machine ?? defaults.machine,
      ...(uses && {
        uses: axes.flatMap((axis) => (namesOf(axis).some((name) => uses.includes(name)) ? [axis.id] : [])),
      }),
      ...(needs && { needs: Object.fromEntries(axes.flatMap((axis) => saidPatterns(needs, axis))) }),
    })),
    axes: axes.map((axis) => ({ axis, rows: axisRowsOf(file, axis, axes) })),
    controls: Object.entries(file.controls).map(([id, row]) => ({
      id,
      role: row.role,
      kernels: row.kernels,
      workload: row.workload,
      rows: namedRows(row, file, axes),
      attempts: row.attempts,
      expectation: expectationOf(row),
      because: row.because,
    })),
    expected: file.expected.map((row) => ({
      ...patternsOf(row),
      expectation: expectationOf(row),
      because: row.because,
    })),
    cold: file.cold.map((row) => ({ ...patternsOf(row), because: row.because })),
    profiles: Object.entries(file.profiles).map(([id, row]) => ({
      id,
      ...patternsOf(row),
      attempts: row.attempts ?? defaults.attempts,
      include: row.include.map((more) => ({ ...patternsOf(more), attempts: more.attempts ?? null })),
      exclude: row.exclude.map(patternsOf),
    })),
  };
}

/** The schema has seen to it that exactly one is there. */
function sourceOf(row: FileKernel): KernelSource {
  if (row.apt !== undefined) return { kind: 'apt', ...row.apt };
  if (row.file !== undefined) return { kind: 'file', ...row.file };
  if (row.archive !== undefined) return { kind: 'archive', ...row.archive };
  if (row.url !== undefined) return { kind: 'url', urls: row.url };
  if (row.tree !== undefined) return { kind: 'tree', ...row.tree };
  return { kind: 'imported', name: row.imported ?? '' };
}

type Written = Readonly<Record<string, unknown>>;
type WrittenPatterns = Written & {
  readonly kernel: readonly string[];
  readonly lines?: LineRange;
  readonly workload: readonly string[];
};

/** The rows of an axis; where none is marked, the usual one is the one that older files took for it, or else the first. */
export function axisRowsOf(file: Written, axis: Axis, axes: readonly Axis[]): AxisRow[] {
  const absent = axis.optional ? { [axis.usual]: {} } : {};
  const section = z.record(z.string(), z.custom<WrittenAxisRow>()).parse(saidOf(file, axis) ?? absent);
  const marked = Object.keys(section).find((id) => section[id]?.usual === true);
  const usual = marked ?? (Object.hasOwn(section, axis.usual) ? axis.usual : Object.keys(section)[0]);
  return Object.entries(section).map(([id, row]) => ({
    id,
    usual: id === usual,
    modules: row.modules ?? [],
    arguments: row.arguments ?? {},
    kernelArguments: row.kernelArguments ?? [],
    ...(row.userland && { userland: row.userland }),
    ...(row.needs === undefined ? {} : { needs: needsOf(row.needs, axes) }),
  }));
}

const needsOf = (needs: NonNullable<WrittenAxisRow['needs']>, axes: readonly Axis[]): AxisNeeds => ({
  ...(needs.lines === undefined ? {} : { lines: needs.lines }),
  axes: Object.fromEntries(axes.flatMap((axis) => saidPatterns(needs, axis))),
});

const cellPatternsOf = (row: WrittenPatterns, axes: readonly Axis[]): CellPatterns => ({
  kernels: row.kernel,
  ...(row.lines === undefined ? {} : { lines: row.lines }),
  workloads: row.workload,
  axes: Object.fromEntries(axes.flatMap((axis) => saidPatterns(row, axis))),
});

const saidPatterns = (row: Written, axis: Axis): (readonly [string, readonly string[]])[] => {
  const said = z.array(z.string()).optional().parse(saidOf(row, axis));
  return said === undefined ? [] : [[axis.id, said]];
};

/** A control's rows, but for the usual ones. */
const namedRows = (row: Written, file: Written, axes: readonly Axis[]): UnusualRows =>
  Object.fromEntries(
    axes.flatMap((axis) => {
      const name = z.string().optional().parse(saidOf(row, axis));
      const isUsual = axisRowsOf(file, axis, axes).some(({ id, usual }) => id === name && usual);
      return name === undefined || isUsual ? [] : [[axis.id, name]];
    }),
  );

const expectationOf = ({ outcomes, frame, knownIssue }: Expectation): Expectation => ({
  outcomes,
  ...(frame === undefined ? {} : { frame }),
  ...(knownIssue === undefined ? {} : { knownIssue }),
});
