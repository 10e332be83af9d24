import type { ArmTally } from '../../harness/repro/arm-tally.js';
import type { Finding } from '../../harness/repro/finding.js';
import type { KernelReproduction, Reproduction } from '../../harness/repro/reproduce.js';

/** A reproduction of #407 by arm poisoned, as a test wants it. */
export const aReproduction = (kernels: readonly KernelReproduction[]): Reproduction => ({
  version: 1,
  bug: '407',
  issue: {
    id: '#407',
    title: 'a title',
    affected: '2.6.32 to 3.7',
    fixed: '3.8',
    commit: '0a01f2cc390e',
    url: '',
  },
  arm: { name: 'poisoned', defect: 'exec', workload: 'w', boot: 'poisoned', control: 'w-control' },
  mode: kernels.length > 1 ? 'comparison' : 'search',
  run: '20260101T000000Z-abc',
  folder: '/runs/20260101T000000Z-abc',
  seed: 7,
  outOfTime: false,
  interrupted: false,
  kernels,
  official: [],
});

export const onKernel = (kernel: string, parts: Partial<KernelReproduction> = {}): KernelReproduction => ({
  kernel,
  release: '3.2.71',
  purity: 'unchecked',
  unavailable: null,
  attribution: { how: 'no report', arm: { failing: 0, of: 1 }, control: null },
  arm: aTally(),
  control: null,
  finding: null,
  ...parts,
});

export const aTally = (parts: Partial<ArmTally> = {}): ArmTally => ({
  workload: 'w',
  failing: 0,
  of: 1,
  rate: { low: 0, high: 0.975 },
  work: null,
  seconds: { beyond: 30 },
  iterations: { beyond: 100 },
  ...parts,
});

export const aFinding = (parts: Partial<Finding> = {}): Finding => ({
  cell: 'vanilla-3.2/w/kernel-arguments=poisoned',
  index: 0,
  seed: 1,
  outcome: 'oops',
  reason: 'general protection fault in d_hash_and_lookup (#407)',
  signature: 'oops:d_hash_and_lookup<proc_flush_task',
  knownIssue: '#407',
  frames: ['d_hash_and_lookup', 'proc_flush_task'],
  secondsFromPowerOn: 3.3,
  secondsFromStart: 1.1,
  iterations: 0,
  console: 'consoles/a.log',
  excerpt: ['[    3.3] general protection fault: 0000 [#1] SMP'],
  ...parts,
});
