import { z } from 'zod';
import type { AttemptResult } from '../attempt/types.js';
import { type Frame, type Report, reportKinds } from '../diagnosis/types.js';
import { canonicalCellId } from '../matrix/cell-id.js';
import { type AttemptKey, outcomes } from '../matrix/types.js';
import { sample } from './series.js';

/** An attempt as a line of attempts.jsonl. */
export interface StoredAttempt extends AttemptResult {
  /** Session.id of the one that ran it. */
  readonly session: string;
  /** Path of its console within the run's folder; '' where the machine never spoke or never was. */
  readonly console: string;
  /** Likewise of its samples (readSeries), which aren't in `samples` then; '' without any, and where they are. */
  readonly series: string;
}

/** Unknown where null. */
const seconds = z.number().nullable();

/** Of a kernel, a workload or a row of an axis, as matrix.yml allows it. A folder of results may be a stranger's. */
export const rowId = z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/, 'not the id of a row');

const row = '[a-z0-9][a-z0-9.+-]*';

/**
 * A cell's id, of parts as the matrix allows them: none can climb out of a folder. Ids of older runs, which name a row of each axis
 * there was then, are read as what they are today.
 */
export const cellId = z
  .string()
  .regex(new RegExp(`^${row}/${row}(?:/${row}/${row}|(?:/[a-z][a-z-]*=${row})*)$`), 'not the id of a cell')
  .transform(canonicalCellId);

const key: z.ZodType<AttemptKey> = z.object({ cell: cellId, index: z.int().min(0), seed: z.number() });

const frame: z.ZodType<Frame> = z.object({
  function: z.string(),
  offset: z.string(),
  module: z.string(),
  reliable: z.boolean(),
});

const report: z.ZodType<Report> = z.object({
  // a later kmatrix may know more kinds; a report of such a kind still counts
  kind: z.enum(reportKinds).catch('other'),
  title: z.string(),
  function: z.string(),
  signature: z.string(),
  knownIssue: z.string().nullable(),
  corrupted: z.boolean(),
  truncated: z.boolean().nullable().default(null),
  line: z.number(),
  endLine: z.number(),
  frames: z.array(frame),
  cpu: z.number().nullable(),
  pid: z.number().nullable(),
  comm: z.string(),
  seconds,
});

const stored = z.object({
  key,
  // runs from before sessions were recorded are read as one
  session: z.string().default('1'),
  outcome: z.enum(outcomes),
  reason: z.string(),
  decisive: z.number().nullable(),
  reports: z.array(report),
  release: z.string(),
  imageId: z.string(),
  disks: z.array(z.string()).exactOptional(),
  files: z.string().exactOptional(),
  startedAt: z.string(),
  seconds: z.number(),
  // runs from before templates booted each machine
  start: z.enum(['cold', 'template', 'fork']).default('cold'),
  bootSeconds: seconds,
  readySeconds: seconds.default(null),
  secondsToReport: seconds,
  iterations: z.number(),
  iterationsAsked: seconds.default(null),
  workSeconds: seconds.default(null),
  censored: z.boolean().optional(),
  stopped: z.boolean(),
  slowness: seconds,
  longestGapSeconds: z.number(),
  facts: z.array(
    z.object({
      name: z.string(),
      // null: not probed, for the reason that the evidence gives
      value: z.union([z.boolean(), z.number(), z.string(), z.null()]),
      // absent in runs from before it was recorded
      module: z.string().optional(),
      evidence: z.string(),
    }),
  ),
  samples: z.array(sample),
  evidence: z.string(),
  garbledFrames: z.number(),
  missingFrames: seconds.default(null),
  overflow: seconds.default(null),
  // an absolute path or one with '..' would let a results folder name any file of its reader
  console: z.string().regex(/^(consoles\/[a-z0-9_.+=-]+)?$/),
  series: z
    .string()
    .regex(/^(series\/[a-z0-9_.+=-]+)?$/)
    .default(''),
});

/** Unknown fields are dropped, so that a store written by a later kmatrix of the same version can be read. */
export const storedAttempt: z.ZodType<StoredAttempt> = stored.transform(({ censored, ...attempt }) => ({
  ...attempt,
  // runs from before it was recorded: a workload that was asked to end, and one that never came to it (judge.ts)
  censored: censored ?? (attempt.stopped || attempt.reason.startsWith('stopped at the time limit')),
}));
