import type { Attempt, AttemptResult, FinishedAttempt } from '../../harness/attempt/types.js';
import { unavailableResult } from '../../harness/attempt/unavailable.js';
import type { Image } from '../../harness/kernels/types.js';
import { attemptKeys } from '../../harness/matrix/expand.js';
import type { Cell } from '../../harness/matrix/types.js';
import type { RunParts } from '../../harness/schedule/run-matrix.js';
import type { RunEvent } from '../../harness/schedule/types.js';
import { usualRows } from '../matrix/axis-row.js';

export const cell = (name: string, memoryMiB = 100): Cell => ({
  id: `${name}/burn`,
  role: 'matrix',
  kernel: {
    id: name,
    line: '6.1',
    flavour: 'debian',
    source: { kind: 'imported', name },
    bootArguments: [],
    verified: true,
  },
  workload: {
    id: 'burn',
    program: 'burn',
    arguments: {},
    iterations: 1,
    timeoutSeconds: 1,
    modules: [],
    machine: { cpus: 1, memoryMiB },
  },
  axes: usualRows,
  attempts: 3,
  expectation: { outcomes: ['stable'] },
  cold: false,
});

export const image = (id: string): Image => ({
  id,
  kernel: { id, release: id, folder: '', bzImage: '', provenance: '', seconds: 0 },
  initramfs: '',
  modules: [],
});

export const stable = (key: AttemptResult['key']): FinishedAttempt => ({
  console: '',
  result: { ...unavailableResult(key, ''), outcome: 'stable' },
});

export function work(...cells: Cell[]) {
  return { cells: new Map(cells.map((one) => [one.id, one])), keys: attemptKeys(cells, 1) };
}

export const memoryMiB = ({ cell: { workload } }: Attempt): number => workload.machine.memoryMiB;

export function parts(overrides: Partial<RunParts> = {}) {
  const events: RunEvent[] = [];
  const recorded: string[] = [];
  const all: RunParts = {
    prepare: async ({ kernel }) => ({ image: image(kernel.id) }),
    runner: { memoryMiB, run: async ({ key }) => stable(key) },
    expectedSeconds: () => 1,
    record: async ({ result }) =>
      void recorded.push(`${result.key.cell}#${result.key.index} ${result.outcome}`),
    emit: (event) => void events.push(event),
    ...overrides,
  };
  return { all, events, recorded };
}

export const never = new AbortController().signal;
