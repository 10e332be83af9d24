import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, UsageError } from '../../errors.js';
import { projectRoot } from '../../host/project.js';

const path = z.string().regex(/^[\w+.-]+(\/[\w+.-]+)*$/, 'a folder without a leading slash');
const debianPackage = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'a package');
const schema = z.strictObject({
  version: z.literal(1),
  leaveOut: z.array(path),
  tools: z.array(debianPackage),
  repository: z.array(debianPackage).min(1, 'no package'),
  suites: z.record(z.string(), z.record(z.string(), debianPackage.nullable())).default({}),
});

/** images/userlands/recipe.yml: what userlands have in common, by the names that one suite has for it. */
export interface UserlandRecipe {
  readonly version: 1;
  /** Folders, relative to the root, that packages don't fill. */
  readonly leaveOut: readonly string[];
  /** Packages besides the minimal system. */
  readonly tools: readonly string[];
  /** Packages of the repository that each userland carries. */
  readonly repository: readonly string[];
}

/**
 * @param suite whose names are wanted: what it calls otherwise is called so, and what it lacks is left out
 * @throws UsageError where the file can't be read or doesn't match its schema
 */
export async function readRecipe(
  suite: string,
  file = join(projectRoot, 'images/userlands/recipe.yml'),
): Promise<UserlandRecipe> {
  let data: unknown;
  try {
    data = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw unusable(`can't be read: ${messageOf(cause)}`, file, cause);
  }
  const read = schema.safeParse(data);
  if (read.success) return forSuite(read.data, suite);
  throw unusable(`doesn't match its schema: ${z.prettifyError(read.error)}`, file, read.error);
}

function forSuite(
  { leaveOut, tools, repository, suites }: z.infer<typeof schema>,
  suite: string,
): UserlandRecipe {
  const names = suites[suite] ?? {};
  const there = (name: string): string[] => {
    const own = names[name];
    return own === null ? [] : [own ?? name];
  };
  return { version: 1, leaveOut, tools: tools.flatMap(there), repository: repository.flatMap(there) };
}

const unusable = (why: string, where: string, cause: unknown): UsageError =>
  new UsageError(`the recipe of userlands ${why}`, {
    where,
    remedy: 'fix the file (its schema is in harness/disks/userlands/recipe.ts), or restore it',
    cause,
  });
