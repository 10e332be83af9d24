import type { LineRange } from '../versions/kernel-lines.js';
import type { MatrixFile } from './schema.js';
import type { CellPatterns, Expectation, KernelSource, Matrix } from './types.js';

type FileKernel = MatrixFile['kernels'][string];

/** The rows of a checked matrix.yml, defaults filled in. A map's rows keep the order in which they are written. */
export function rowsOf(file: MatrixFile): Omit<Matrix, 'path' | 'hash'> {
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
    workloads: Object.entries(file.workloads).map(([id, row]) => ({
      id,
      ...row,
      timeoutSeconds: row.timeoutSeconds ?? defaults.timeoutSeconds,
      machine: row.machine ?? defaults.machine,
    })),
    storage: Object.entries(file.storage).map(([id, row]) => ({ id, ...row })),
    boot: Object.entries(file.boot).map(([id, words]) => ({ id, arguments: words })),
    controls: Object.entries(file.controls).map(([id, row]) => ({
      id,
      role: row.role,
      kernels: row.kernels,
      workload: row.workload,
      storage: row.storage,
      boot: row.boot,
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

const patternsOf = (row: {
  readonly kernel: readonly string[];
  readonly lines?: LineRange;
  readonly workload: readonly string[];
  readonly storage: readonly string[];
  readonly boot: readonly string[];
}): CellPatterns => ({
  kernels: row.kernel,
  ...(row.lines === undefined ? {} : { lines: row.lines }),
  workloads: row.workload,
  storage: row.storage,
  boot: row.boot,
});

const expectationOf = ({ outcomes, frame, knownIssue }: Expectation): Expectation => ({
  outcomes,
  ...(frame === undefined ? {} : { frame }),
  ...(knownIssue === undefined ? {} : { knownIssue }),
});
