import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
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

export async function readRecipe(): Promise<UserlandRecipe> {
  return schema.parse(parse(await readFile(join(projectRoot, 'images/userlands/recipe.yml'), 'utf8')));
}
