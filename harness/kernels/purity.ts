import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import type { KernelSource } from '../matrix/types.js';
import { coreId } from './build/tree-core.js';
import type { KernelEntry } from './types.js';

const comparedTree = z.strictObject({
  /** What its Makefile says. */
  version: z.string(),
  /** coreId of the tree, by which it is known again. */
  core: z.string().regex(/^[0-9a-f]{64}$/),
  /** How many core files were compared. */
  files: z.number().int().positive(),
  /**
   * What it was held against: copies of the same version that are independent of it; a release before and one after it,
   * where a file that is the same in both says what it must be; or its own history, what was changed after its import.
   */
  against: z.enum(['another copy', 'its neighbours', 'its history']),
  /** Core files that are not as they should be: `-` before one that is lacking, `+` before one that no release has. */
  differ: z.array(z.string()),
});
export type ComparedTree = Readonly<z.infer<typeof comparedTree>>;

const purityFile = z.strictObject({ trees: z.array(comparedTree) });

/** What is known of a kernel's source: `signed`, `same as another copy`, `differs in 3 files`, or `unchecked`. */
export type Purity = string;

/**
 * What is known of what a kernel was made of, before kmatrix patched it: a name ("vanilla") alone says nothing of a public
 * copy of a release.
 *
 * @param kind of the row's source: packages of `apt` and `archive` are signed by their archives
 * @throws UsageError for a file of purities that isn't one
 */
export async function purityOf(
  { core }: Pick<KernelEntry, 'core'>,
  kind: KernelSource['kind'],
  file = usualFile,
): Promise<Purity> {
  if (core === undefined) return kind === 'apt' || kind === 'archive' ? 'signed' : 'unchecked';
  if (core.signed) return 'signed';
  const id = coreId(core);
  const known = (await readPurities(file)).find((tree) => tree.core === id);
  const count = known?.differ.length ?? 0;
  if (count > 0) return `differs in ${count} file${count === 1 ? '' : 's'}`;
  return known?.against === 'another copy' ? 'same as another copy' : 'unchecked';
}

/** The trees of images/kernels/purity.yml. */
export async function readPurities(file = usualFile): Promise<readonly ComparedTree[]> {
  let data: unknown;
  try {
    data = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`the comparisons of trees can't be read: ${messageOf(cause)}`, {
      where: file,
      remedy,
      cause,
    });
  }
  const read = purityFile.safeParse(data);
  if (read.success) return read.data.trees;
  throw new UsageError(`the comparisons of trees don't match their schema: ${z.prettifyError(read.error)}`, {
    where: file,
    remedy,
  });
}

const usualFile = join(projectRoot, 'images/kernels/purity.yml');
const remedy = 'fix the file (its schema is in harness/kernels/purity.ts), or restore it';
