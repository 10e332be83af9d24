import type { AttemptResult } from '../../harness/attempt/types.js';
import type { Report } from '../../harness/diagnosis/types.js';
import type { Cell, Outcome } from '../../harness/matrix/types.js';
import type { NewRun } from '../../harness/results/run-store.js';
import { usualRows } from '../matrix/axis-row.js';

/** Parts of a run that nothing ran for, for tests and the bench. */
export const aCell = (kernel: string, workload: string, over: Partial<Cell> = {}): Cell => ({
  id: `${kernel}/${workload}`,
  role: 'matrix',
  kernel: {
    id: kernel,
    line: '3.2',
    flavour: 'vanilla',
    source: { kind: 'imported', name: kernel },
    bootArguments: [],
    verified: true,
  },
  workload: {
    id: workload,
    program: workload,
    arguments: {},
    iterations: 1,
    timeoutSeconds: 1,
    modules: [],
    machine: { cpus: 1, memoryMiB: 64 },
  },
  axes: usualRows,
  attempts: 1,
  expectation: { outcomes: ['stable'] },
  cold: false,
  ...over,
});

export const aRun = (cells: readonly Cell[]): NewRun => ({
  kmatrix: '0.1.0',
  qemu: { binary: 'qemu-system-x86_64', version: '7.2.22' },
  accelerator: { name: 'tcg', reason: 'no /dev/kvm' },
  matrixHash: 'abc',
  seed: 407,
  selection: {
    profile: 'smoke',
    kernels: [],
    workloads: [],
    axes: {},
    attempts: null,
    force: false,
  },
  cells,
});

export const aReport = (over: Partial<Report> = {}): Report => ({
  kind: 'oops',
  title: 'general protection fault in d_hash_and_lookup',
  function: 'd_hash_and_lookup',
  signature: 'oops:d_hash_and_lookup',
  knownIssue: '#407',
  corrupted: false,
  truncated: false,
  line: 2,
  endLine: 3,
  frames: [{ function: 'd_hash_and_lookup', offset: '+0x71/0x80', module: '', reliable: true }],
  cpu: 0,
  pid: 7,
  comm: 'apt-get',
  seconds: 3.3,
  ...over,
});

export const anAttempt = (
  cell: string,
  index: number,
  outcome: Outcome,
  over: Partial<AttemptResult> = {},
): AttemptResult => ({
  key: { cell, index, seed: 1000 + index },
  outcome,
  reason: outcome === 'stable' ? '' : `it was ${outcome}`,
  decisive: null,
  reports: [],
  release: '3.2.71',
  imageId: 'i',
  startedAt: '2026-11-24T11:00:00.000Z',
  seconds: 5,
  start: 'cold',
  bootSeconds: 2.1,
  readySeconds: 2.1,
  secondsToReport: null,
  iterations: 10,
  iterationsAsked: 10,
  workSeconds: 3,
  censored: false,
  stopped: false,
  slowness: 9,
  longestGapSeconds: 1,
  facts: [],
  samples: [],
  evidence: '',
  garbledFrames: 0,
  missingFrames: 0,
  overflow: 0,
  ...over,
});
