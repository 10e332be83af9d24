import { z } from 'zod';
import { plainText } from '../host/plain-text.js';
import { type CellRole, type Expectation, outcomes, type Selection } from '../matrix/types.js';
import { type StartMode, startModes } from '../templates/opened.js';
import type { Accelerator, Qemu } from '../vm/types.js';
import { cellId, rowId } from './attempt-schema.js';

const axisId = z.string().regex(/^[a-z][a-z-]*$/, 'not the id of an axis');

/** Raised when a reader of the old version would misread the new one. */
export const storeVersion = 1;

/** What was measured on, without anything that names the host or its owner. */
export interface HostFacts {
  /** Tells two hosts apart: 12 hex digits of a keyed hash. Absent in runs from before it was recorded, as is `os`. */
  readonly id?: string;
  /** "Debian GNU/Linux 12 (bookworm)" */
  readonly os?: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryMiB: number;
  readonly kernel: string;
  readonly node: string;
}

/** How many machines ran at a time: a race's rate depends on how many share the cores. */
export interface JobsRange {
  readonly usual: number;
  /** As many as ran while cores idled, at most. */
  readonly most: number;
}

/**
 * A Cell as it is stored (storedCell): what readers need is typed, the rest (iterations, arguments, machine) goes along
 * for people. Where its kernel came from is told by images.json, without folders of this host.
 */
export interface StoredCell {
  readonly id: string;
  readonly role: CellRole;
  readonly kernel: StoredKernel;
  readonly workload: { readonly id: string; readonly iterations?: number };
  /** By the axis's id. */
  readonly axes: Readonly<Record<string, { readonly id: string; readonly usual: boolean }>>;
  readonly attempts: number;
  readonly expectation: Expectation;
  readonly unsupported?: string;
}

export interface StoredKernel {
  readonly id: string;
  readonly line: string;
  readonly flavour: string;
  readonly version?: string | undefined;
  readonly verified: boolean;
}

/** run.json: written once, before the first attempt, and never changed. What it ran on is its first session's (session.ts). */
export interface RunManifest {
  readonly version: typeof storeVersion;
  readonly id: string;
  readonly startedAt: string;
  readonly kmatrix: string;
  readonly host: HostFacts;
  readonly qemu: Qemu;
  readonly accelerator: Accelerator;
  /** Matrix.hash: of the whole file. It guards the resuming of runs that have no `cellsHash`. */
  readonly matrixHash: string;
  /** Of the run's cells alone (cellsHash): what it is resumed with must be these. Absent in runs from before it was recorded. */
  readonly cellsHash?: string;
  readonly seed: number;
  /** Absent in runs from before it was recorded. */
  readonly jobs?: JobsRange;
  /** How machines were to come to READY (--start); likewise. */
  readonly start?: StartMode;
  readonly selection: Selection;
  readonly cells: readonly StoredCell[];
}

const patterns = z.array(z.string());

const anyCell = {
  id: cellId,
  unsupported: z.string().exactOptional(),
  role: z.enum(['matrix', 'known-bad', 'known-good']),
  kernel: z.looseObject({
    id: rowId,
    line: plainText,
    flavour: plainText,
    version: plainText.optional(),
    verified: z.boolean(),
  }),
  workload: z.looseObject({ id: rowId, iterations: z.number().exactOptional() }),
  attempts: z.int().min(1),
  expectation: z.object({
    outcomes: z.array(z.enum(outcomes)),
    frame: z.string().exactOptional(),
    knownIssue: z.string().exactOptional(),
  }),
};

const axisRow = z.looseObject({ id: rowId, usual: z.boolean() });

const cell: z.ZodType<StoredCell> = z.looseObject({ ...anyCell, axes: z.record(axisId, axisRow) });

/** Before there were axes. */
const oldCell: z.ZodType<StoredCell> = z
  .looseObject({
    ...anyCell,
    storage: z.looseObject({ id: rowId }),
    boot: z.looseObject({ id: rowId, arguments: z.array(z.string()).default([]) }),
  })
  .transform(({ storage, boot, ...others }) => ({
    ...others,
    axes: {
      storage: { ...nothing, ...storage, usual: storage.id === 'plain' },
      'kernel-arguments': {
        ...nothing,
        id: boot.id,
        kernelArguments: boot.arguments,
        usual: boot.id === 'default',
      },
    },
  }));

const nothing = { modules: [], arguments: {}, kernelArguments: [] };

/** Schemas of what run.json and a session say of where and how attempts ran. */
export const ranOn = {
  kmatrix: z.string(),
  host: z.object({
    id: z.string().exactOptional(),
    os: z.string().exactOptional(),
    cpus: z.number(),
    cpuModel: z.string(),
    memoryMiB: z.number(),
    kernel: z.string(),
    node: z.string(),
  }),
  qemu: z.object({ binary: z.string(), version: z.string(), build: z.string().exactOptional() }),
  accelerator: z.object({ name: z.enum(['kvm', 'tcg']), reason: z.string() }),
  jobs: z.object({ usual: z.number(), most: z.number() }).exactOptional(),
  start: z.enum(startModes).exactOptional(),
};

const anySelection = {
  profile: z.string(),
  kernels: patterns,
  workloads: patterns,
  attempts: z.number().nullable(),
  force: z.boolean(),
  cells: z.array(cellId).exactOptional(),
  cellAttempts: z
    .record(z.string(), z.int().min(1))
    .transform((counts) =>
      Object.fromEntries(Object.entries(counts).map(([id, count]) => [cellId.parse(id), count])),
    )
    .exactOptional(),
};

const selection: z.ZodType<Selection> = z.object({ ...anySelection, axes: z.record(axisId, patterns) });
const oldSelection: z.ZodType<Selection> = z
  .object({ ...anySelection, storage: patterns, boot: patterns })
  .transform(({ storage, boot, ...others }) => ({ ...others, axes: { storage, 'kernel-arguments': boot } }));

const anyManifest = {
  version: z.literal(storeVersion),
  id: z.string().regex(/^[A-Za-z0-9-]+$/),
  startedAt: z.string(),
  ...ranOn,
  matrixHash: z.string(),
  seed: z.number(),
};

export const runManifest: z.ZodType<RunManifest> = z.union([
  z.object({
    ...anyManifest,
    cellsHash: z.string().exactOptional(),
    selection,
    cells: z.array(cell),
  }),
  // the hash of its cells was made of what cells were then
  z.object({ ...anyManifest, selection: oldSelection, cells: z.array(oldCell) }),
]);

/** What a kernel row resolved to in this run. */
export type ImageRecord =
  | {
      readonly kernel: string;
      readonly status: 'ready';
      readonly imageId: string;
      readonly release: string;
      readonly provenance: string;
      /** Fetching or building, when it was done; not this run's time where it came from the cache. */
      readonly seconds: number;
      readonly cached: boolean;
      /** `ok`, or what its configuration lacks for containers (configSummary); null where it can't be read. */
      readonly config: string | null;
      /** What is known of the source (purityOf); null in runs from before it was recorded. */
      readonly purity: string | null;
      /** What happened under KVM to a kernel that only TCG boots on this host; absent of others. */
      readonly onlyTcgBoots?: string;
      /** Facts that its configuration leaves out (ConfigFacts). Absent in runs from before it was recorded. */
      readonly unset?: readonly string[];
    }
  | { readonly kernel: string; readonly status: 'unavailable'; readonly reason: string };

/** images.json */
export const imageRecords: z.ZodType<readonly ImageRecord[]> = z.array(
  z.discriminatedUnion('status', [
    z.object({
      kernel: rowId,
      status: z.literal('ready'),
      imageId: z.string(),
      release: z.string(),
      provenance: z.string(),
      seconds: z.number(),
      cached: z.boolean(),
      // runs from before it was recorded can be read
      config: z.string().nullable().default(null),
      purity: z.string().nullable().default(null),
      onlyTcgBoots: z.string().exactOptional(),
      unset: z.array(z.string()).exactOptional(),
    }),
    z.object({ kernel: rowId, status: z.literal('unavailable'), reason: z.string() }),
  ]),
);
