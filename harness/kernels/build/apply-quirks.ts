import { constants } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ImageError } from '../../errors.js';
import { makeFolder } from '../../host/make-folder.js';
import { projectRoot } from '../../host/project.js';
import { readText } from './open-folder.js';
import type { Quirk, QuirkEdit } from './quirks.js';

/**
 * Edits a scratch copy of a tree and adds files to it, as the quirks say.
 *
 * @param tree the scratch copy: it is changed
 * @param gcc major version of the compiler
 * @throws ImageError where an edit's text isn't found as often as its quirk expects: the tree differs from what the
 *   quirk was made for, and a build that goes on would fail later and worse
 */
export async function applyQuirks(tree: string, quirks: readonly Quirk[], gcc: number): Promise<void> {
  for (const quirk of quirks) {
    for (const edit of quirk.edits) await applyEdit(tree, quirk.name, edit);
    for (const { from, to } of quirk.files) {
      await addFile(join(filesFolder, from), join(tree, to.replaceAll('{gcc}', String(gcc))));
    }
  }
}

export const filesFolder = join(projectRoot, 'images/kernels/files');

async function applyEdit(tree: string, quirk: string, edit: QuirkEdit): Promise<void> {
  if (edit.when && !(await readText(join(tree, edit.when.file)))?.includes(edit.when.contains)) return;
  const path = join(tree, edit.file);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (edit.optional && cause.code === 'ENOENT') return undefined;
    throw new ImageError(`quirk ${quirk} edits a file that can't be read`, { where: path, cause });
  });
  if (text === undefined || edit.mended.some((mended) => text.includes(mended))) return;
  const pieces = text.split(edit.find);
  const found = pieces.length - 1;
  if (found !== edit.count) {
    throw new ImageError(
      `quirk ${quirk} expects its text ${edit.count} time(s) in ${edit.file} and finds it ${found} time(s)`,
      {
        where: path,
        remedy:
          'in quirks.yml, narrow the quirk’s kernel range, or add to `mended` the text of a file that needs no edit',
      },
    );
  }
  await writeFile(path, pieces.join(edit.replace));
}

/** A tree's own file of that name wins: stable updates brought some of them. */
async function addFile(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await copyFile(from, to, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
