import type { LineRange } from '../versions/kernel-lines.js';
import type { Axis, AxisRow, UnusualRows } from './axes.js';
import type { KernelSource } from './kernel-source.js';

export type * from './kernel-source.js';

/**
 * The nouns of matrix.yml after parsing. Plain, readonly, JSON-serialisable: a cell can be sent to another host.
 */

/** How an attempt ended, as far as the kernel under test is concerned (plus two that are not the kernel's). */
export const outcomes = [
  'stable',
  'oops',
  'panic',
  'lockup',
  'freeze',
  'operation-killed',
  'operation-failed',
  'unsupported',
  'unavailable',
  'harness-error',
] as const;
export type Outcome = (typeof outcomes)[number];

export interface KernelRow {
  /** Stable name: debian-6.1-cloud. */
  readonly id: string;
  /** Kernel line: 6.1. */
  readonly line: string;
  /** 3.2.71, where the row means one release; absent where it follows a suite. */
  readonly version?: string;
  /** vanilla, debian, ubuntu, … for the table. */
  readonly flavour: string;
  readonly source: KernelSource;
  readonly bootArguments: readonly string[];
  /** Has this row booted in a run that its authors saw? Rows from documents are marked false. */
  readonly verified: boolean;
}

export interface WorkloadRow {
  readonly id: string;
  /** File name under images/guest/workloads, without its suffix. The harness knows nothing else of it. */
  readonly program: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly iterations: number;
  /** Seconds that the iterations may take on hardware; multiplied by the measured slowness factor of the machine. */
  readonly timeoutSeconds: number;
  /** Kernel modules loaded first where the kernel has them as modules; a missing one is not an error. */
  readonly modules: readonly string[];
  /** Kernel modules in the image that the workload loads itself, when it comes to that; likewise. */
  readonly offered?: readonly string[];
  readonly machine: MachineShape;
  /** Ids of axes whose rows it does something with; those that it needs rows of go without saying. No part of its cells. */
  readonly uses?: readonly string[];
  /** By the axis's id, rows of which it needs one, best first: a workload that runs programs needs a userland. */
  readonly needs?: AxisPatterns;
}

export interface MachineShape {
  readonly cpus: number;
  readonly memoryMiB: number;
}

/** What an attempt of this cell is expected to end in. */
export interface Expectation {
  readonly outcomes: readonly Outcome[];
  /** A function that the first report must name in its trace (or as its guilty function): controls only. */
  readonly frame?: string;
  /** A name of bugs/known-issues.yml that must, or (`none`) must not, be attributed. */
  readonly knownIssue?: string;
}

/** A control must fail (known-bad) or pass (known-good) for the run's verdicts to count. */
export type CellRole = 'matrix' | 'known-bad' | 'known-good';

/** kernel × workload × a row of each axis. */
export interface Cell {
  /** See cellIdOf: stable across runs and hosts. */
  readonly id: string;
  readonly role: CellRole;
  readonly kernel: KernelRow;
  readonly workload: WorkloadRow;
  /** By the axis's id. */
  readonly axes: Readonly<Record<string, AxisRow>>;
  readonly attempts: number;
  readonly expectation: Expectation;
  /** Each attempt boots; by default one is restored from a template. */
  readonly cold: boolean;
  /** Why it can't be run, by what its rows need; absent where it can. */
  readonly unsupported?: string;
}

/** One machine state and one seed of a cell. */
export interface AttemptKey {
  readonly cell: string;
  /** From 0. */
  readonly index: number;
  /** 32-bit, derived from the run's seed, the cell's id and the index: same run seed, same attempts. */
  readonly seed: number;
}

/** A glob over ids (`*` and `?`), or several: any of them matches. */
export type Patterns = readonly string[];

/** Which cells: a pattern list for each of kernel, workload and axis. */
export interface CellPatterns {
  /** Of the kernels that match, only those of these lines. */
  readonly lines?: LineRange;
  readonly kernels: Patterns;
  readonly workloads: Patterns;
  /** By the axis's id; one that is absent is open. */
  readonly axes: AxisPatterns;
}

export type AxisPatterns = Readonly<Record<string, Patterns>>;

/** What cells that match are expected to end in; the last rule that matches decides. */
export interface ExpectedRule extends CellPatterns {
  readonly expectation: Expectation;
  /** Where this is known from. */
  readonly because: string;
}

/** Cells whose attempts boot, each of them. */
export interface ColdRule extends CellPatterns {
  readonly because: string;
}

/** A cell that proves the detector awake, or not too nervous. */
export interface ControlRow {
  readonly id: string;
  readonly role: Exclude<CellRole, 'matrix'>;
  /** Kernel ids, best first: the first that can be had is taken. */
  readonly kernels: readonly string[];
  readonly workload: string;
  /** By the axis's id; the usual rows of those that are absent. */
  readonly rows: UnusualRows;
  readonly attempts: number;
  readonly expectation: Expectation;
  readonly because: string;
}

/** Cells added to a profile, with their own number of attempts where given. */
export interface ProfileAddition extends CellPatterns {
  readonly attempts: number | null;
}

export interface Profile extends CellPatterns {
  readonly id: string;
  readonly attempts: number;
  readonly include: readonly ProfileAddition[];
  readonly exclude: readonly CellPatterns[];
}

/** An axis with its rows, of which one is the usual one. */
export interface MatrixAxis {
  readonly axis: Axis;
  readonly rows: readonly AxisRow[];
}

/** matrix.yml, parsed and checked. */
export interface Matrix {
  readonly path: string;
  /** SHA-256 over the content as parsed: comments and the order of keys within a row don't count. */
  readonly hash: string;
  readonly kernels: readonly KernelRow[];
  readonly workloads: readonly WorkloadRow[];
  readonly axes: readonly MatrixAxis[];
  readonly controls: readonly ControlRow[];
  readonly expected: readonly ExpectedRule[];
  readonly cold: readonly ColdRule[];
  readonly profiles: readonly Profile[];
}

/** What a run was asked to do, as typed on the command line. Empty lists leave the profile's own patterns. */
export interface Selection {
  readonly profile: string;
  readonly kernels: Patterns;
  readonly workloads: Patterns;
  readonly axes: AxisPatterns;
  /** Replaces the profile's number for every cell that isn't a control. */
  readonly attempts: number | null;
  /** Run kernels below the floor (2.6.32) too. */
  readonly force: boolean;
  /** Ids of the cells themselves, in place of the profile's, and no controls beside them; `profile` is a mere label then. */
  readonly cells?: readonly string[];
  /** Attempts of each of these cells, where they differ; `attempts` counts for others. */
  readonly cellAttempts?: Readonly<Record<string, number>>;
}
