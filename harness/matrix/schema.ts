import { z } from 'zod';
import { plainText } from '../host/plain-text.js';
import { lineRange } from '../versions/kernel-lines.js';
import type { Axis } from './axes.js';
import { sourceKinds, sources } from './source-schema.js';
import { outcomes } from './types.js';

/** Ids become parts of cell ids and file names: lower case, digits, and `. + -` inside. */
const id = z
  .string()
  .max(60, 'an id has at most 60 characters')
  .regex(/^[a-z0-9][a-z0-9.+-]*$/, "an id is lower-case letters, digits, '.', '+' and '-'");
const words = z.array(z.string().min(1, 'an empty word'));
const pattern = z.string().min(1, 'an empty pattern');
const someOf = z.union([
  pattern.transform((one) => [one]),
  z.array(pattern).min(1, 'an empty list of patterns'),
]);
const patterns = someOf.default(['*']);
const scalars = z.record(z.string(), z.union([z.string(), z.number()]));
const count = z.int().min(1);
const attempts = count.max(1_000_000);

const machine = z.strictObject({
  cpus: count.max(64).default(2),
  memoryMiB: z.int().min(32).max(65_536).default(128),
});

const kernel = z
  .strictObject({
    line: z
      .string()
      .regex(/^\d+\.\d+(\.\d+)?$/, 'a kernel line is two numbers, or three for 2.6: 3.2, 2.6.32'),
    version: plainText.min(1).exactOptional(),
    flavour: plainText.min(1),
    bootArguments: words.default([]),
    verified: z.boolean(),
    ...sources,
  })
  .refine((row) => sourceKinds.filter((kind) => row[kind] !== undefined).length === 1, {
    error: `a kernel has exactly one source: ${sourceKinds.join(', ')}`,
  });

const workloadOf = (axes: readonly Axis[]) =>
  z.strictObject({
    program: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'a program is a file name without its suffix'),
    arguments: scalars.default({}),
    iterations: count,
    timeoutSeconds: z.number().positive().max(86_400).exactOptional(),
    modules: words.default([]),
    offered: words.exactOptional(),
    machine: machine.exactOptional(),
    /** Sections of axes whose rows it does something with. */
    uses: z
      .array(z.enum(axes.flatMap(namesOf)))
      .min(1, 'an empty list of axes')
      .exactOptional(),
    /** Patterns under the sections of axes. */
    needs: z.strictObject(axisPatterns(axes)).exactOptional(),
  });

/** A pattern list for each axis, under today's name or the one that it had. */
const axisPatterns = (axes: readonly Axis[]) =>
  Object.fromEntries(axes.flatMap(namesOf).map((name) => [name, someOf.exactOptional()]));

const cellPatternsOf = (axes: readonly Axis[]) => ({
  kernel: patterns,
  lines: lineRange.exactOptional(),
  workload: patterns,
  ...axisPatterns(axes),
});

const expectation = {
  outcomes: z.array(z.enum(outcomes)).min(1, 'no outcome'),
  frame: z.string().min(1).exactOptional(),
  knownIssue: z.string().min(1).exactOptional(),
};

/**
 * matrix.yml as written. Keys have the names of types.ts; a list of rows is a map from id to row. The sections of axes, and keys of
 * patterns for them, are read by axisSection and axisPatternsOf.
 */
export function matrixFileOf(axes: readonly Axis[]) {
  const cellPatterns = cellPatternsOf(axes);
  const axisRows = Object.fromEntries(axes.flatMap(namesOf).map((name) => [name, id.exactOptional()]));
  const sections = Object.fromEntries(
    axes.flatMap((axis) => namesOf(axis).map((name) => [name, z.record(id, axis.row).exactOptional()])),
  );
  const control = z.strictObject({
    role: z.enum(['known-bad', 'known-good']),
    kernels: z.array(id).min(1, 'no kernel'),
    workload: id,
    ...axisRows,
    attempts: attempts.default(1),
    ...expectation,
    because: z.string().min(1),
  });
  const profile = z.strictObject({
    ...cellPatterns,
    attempts: attempts.exactOptional(),
    include: z.array(z.strictObject({ ...cellPatterns, attempts: attempts.exactOptional() })).default([]),
    exclude: z.array(z.strictObject(cellPatterns)).default([]),
  });
  return z.strictObject({
    version: z.literal(1),
    defaults: z.strictObject({
      machine: machine.default({ cpus: 2, memoryMiB: 128 }),
      attempts: attempts.default(1),
      timeoutSeconds: z.number().positive().max(86_400).default(60),
    }),
    kernels: z.record(id, kernel),
    workloads: z.record(id, workloadOf(axes)),
    ...sections,
    controls: z.record(id, control),
    expected: z
      .array(z.strictObject({ ...cellPatterns, ...expectation, because: z.string().min(1) }))
      .default([]),
    cold: z.array(z.strictObject({ ...cellPatterns, because: z.string().min(1) })).default([]),
    profiles: z.record(id, profile),
  });
}

export type MatrixFile = z.output<ReturnType<typeof matrixFileOf>>;

/** Today's name of an axis in matrix.yml, and the one that older files have. */
export const namesOf = ({ section, formerly }: Axis): string[] => [
  section,
  ...(formerly === undefined ? [] : [formerly.section]),
];

/** What a file says of an axis, under either name. */
export const saidOf = (written: Readonly<Record<string, unknown>>, axis: Axis): unknown =>
  namesOf(axis)
    .map((name) => written[name])
    .find((value) => value !== undefined);
