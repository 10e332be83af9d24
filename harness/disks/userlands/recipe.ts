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
});

/** images/userlands/recipe.yml: what userlands have in common. */
export interface UserlandRecipe {
  /** Folders, relative to the root, that packages don't fill. */
  readonly leaveOut: readonly string[];
  /** Packages besides the minimal system. */
  readonly tools: readonly string[];
  /** Packages of the repository that each userland carries. */
  readonly repository: readonly string[];
}

/** @throws UsageError where the file can't be read or doesn't match its schema */
export async function readRecipe(
  file = join(projectRoot, 'images/userlands/recipe.yml'),
): Promise<UserlandRecipe> {
  let data: unknown;
  try {
    data = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw unusable(`can't be read: ${messageOf(cause)}`, file, cause);
  }
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw unusable(`doesn't match its schema: ${z.prettifyError(read.error)}`, file, read.error);
}

const unusable = (why: string, where: string, cause: unknown): UsageError =>
  new UsageError(`the recipe of userlands ${why}`, {
    where,
    remedy: 'fix the file (its schema is in harness/disks/userlands/recipe.ts), or restore it',
    cause,
  });
