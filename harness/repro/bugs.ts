import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { nearest } from '../matrix/nearest.js';

const arm = z.strictObject({
  /** poisoned, stock, natural */
  name: z.string().min(1),
  /** Which of a bug's causes it is after. */
  defect: z.string().min(1),
  workload: z.string().min(1),
  boot: z.string().min(1),
  /** Workload that differs from it in the cause alone, and must stay silent; null where there is none. */
  control: z.string().min(1).nullable(),
  /** Kernels of knownBad that come before the others in this arm. */
  prefer: z.array(z.string()).default([]),
  because: z.string().min(1),
});

/** A workload that provokes a bug, and the one that it is held against: the same without the cause. */
const experiment = z.strictObject({
  /** Of one cause, or of one circumstance: what a page tells together. */
  kind: z.string().min(1),
  workload: z.string().min(1),
  control: z.string().min(1),
  title: z.string().min(1),
});

const page = z
  .strictObject({
    experiments: z.array(experiment).min(1),
    kinds: z
      .array(
        z.strictObject({
          kind: z.string().min(1),
          /** As sentences name it: the first defect. */
          name: z.string().min(1),
          /** Before or behind that: as Docker ran it. */
          circumstance: z.string().min(1).optional(),
        }),
      )
      .min(1),
    fixAlone: z
      .strictObject({
        kernel: z.string().min(1),
        called: z.string().min(1),
        mended: z.string().min(1),
        mendedCalled: z.string().min(1),
      })
      .optional(),
  })
  .refine(
    ({ experiments, kinds }) => experiments.every((one) => kinds.some(({ kind }) => kind === one.kind)),
    {
      message: 'kinds: names no kind of one of the experiments',
    },
  );

const head = {
  id: z.string().min(1),
  /** What people call it besides. */
  names: z.array(z.string()).default([]),
  /** Its id in known-issues.yml. */
  knownIssue: z.string().min(1),
};

const reportsBug = z.strictObject({
  ...head,
  kind: z.literal('reports'),
  knownBad: z.array(z.strictObject({ kernel: z.string().min(1), because: z.string().min(1) })).min(1),
  /** Flavours of matrix.yml whose kernels a distribution ships. */
  officialFlavours: z.array(z.string().min(1)),
  /** The first is the usual one. */
  arms: z.array(arm).min(1),
  /** Where it has one: ID.md beside bugs.yml holds its words. */
  page: page.optional(),
});

/** What the samples of an attempt add up to, in one number. */
const figure = z.strictObject({
  /** Key of it in documents. */
  name: z.string().regex(/^[a-z][A-Za-z]*$/),
  /** Of its column. */
  head: z.string().min(1),
  /** Samples by name. */
  of: z.array(z.string().min(1)).min(1),
  /** growth: the most less the first */
  take: z.enum(['most', 'least', 'last', 'growth']),
  /** Of the samples; KiB are shown as MiB. */
  unit: z.enum(['', 's', 'KiB']).default(''),
  /** The iterations that it counted, where those are more. */
  orIterations: z.literal(true).optional(),
  /** Where the workload stops waiting: an argument of it, or what it takes without. A value from there on is a bound. */
  limit: z.strictObject({ argument: z.string().min(1), usual: z.number().positive() }).optional(),
  about: z.string().min(1).optional(),
});

const seriesBug = z.strictObject({
  ...head,
  kind: z.literal('series'),
  title: z.string().min(1),
  figures: z.array(figure).min(1),
  /** The figure by which an attempt is known to have told anything. */
  measured: z.string().min(1),
  boot: z.string().min(1),
  rates: z.array(z.strictObject({ name: z.string().min(1), workload: z.string().min(1) })).min(1),
  kernels: z.array(z.string().min(1)),
  newestOf: z.array(z.string().min(1)),
});

const bugs = z.strictObject({ bugs: z.array(z.discriminatedUnion('kind', [reportsBug, seriesBug])).min(1) });

export type Arm = Readonly<z.infer<typeof arm>>;
/** A bug that is told by what a console reports. */
export type ReportsBug = Readonly<z.infer<typeof reportsBug>>;
/** A bug that is told by how something runs over time: a backlog, memory. */
export type SeriesBug = Readonly<z.infer<typeof seriesBug>>;
export type Figure = Readonly<z.infer<typeof figure>>;
export type Bug = ReportsBug | SeriesBug;
export type Experiment = Readonly<z.infer<typeof experiment>>;
/** A bug with a page. */
export type PagedBug = ReportsBug & { readonly page: Readonly<z.infer<typeof page>> };

export const isPaged = (bug: Bug): bug is PagedBug => bug.kind === 'reports' && bug.page !== undefined;

/** Bugs as data: bugs.yml, and the words of their pages. */
export const bugsFolder = join(projectRoot, 'bugs');

/** The bugs of bugs/bugs.yml. @throws UsageError where that can't be read or doesn't fit */
export function loadBugs(): readonly Bug[] {
  const path = join(bugsFolder, 'bugs.yml');
  let data: unknown;
  try {
    data = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`the bugs to reproduce can't be read: ${messageOf(cause)}`, {
      where: path,
      remedy,
      cause,
    });
  }
  const read = bugs.safeParse(data);
  if (read.success) return read.data.bugs;
  throw new UsageError(`the bugs to reproduce don't match their schema: ${z.prettifyError(read.error)}`, {
    where: path,
    remedy,
  });
}

const remedy = 'fix the file (its schema is in harness/repro/bugs.ts), or restore it';

/** Does a word of the command line mean this bug? */
export function isCalled({ id, names, knownIssue }: Bug, word: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return [id, knownIssue, ...names].some((name) => plain(name) === plain(word));
}

/**
 * The bug that a word of the command line means: 407, #407, moby#407, LP#720095.
 *
 * @throws UsageError with the nearest name
 */
export function findBug<B extends Bug>(all: readonly B[], word: string): B {
  const found = all.find((bug) => isCalled(bug, word));
  if (found !== undefined) return found;
  const ids = all.map(({ id }) => id);
  const likely = nearest(word, ids);
  throw new UsageError(`there is no bug '${word}' to reproduce`, {
    remedy: likely === undefined ? `known: ${ids.join(', ')}` : `did you mean '${likely}'?`,
  });
}

/** @throws UsageError where the bug has no such arm, with those that it has */
export function findArm(
  { id, arms }: ReportsBug,
  asked: { name?: string | undefined; defect?: string | undefined },
): Arm {
  const [usual] = arms;
  const defect = asked.defect ?? usual?.defect;
  const found = arms.find(
    (one) => one.defect === defect && (asked.name === undefined || one.name === asked.name),
  );
  if (found !== undefined) return found;
  throw new UsageError(`bug ${id} has no arm '${asked.name ?? ''}' of the defect '${defect ?? ''}'`, {
    remedy: `known: ${arms.map((one) => `--defect ${one.defect} --arm ${one.name}`).join('; ')}`,
  });
}
