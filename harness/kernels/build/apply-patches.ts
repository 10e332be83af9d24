import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ImageError, UsageError } from '../../errors.js';
import { makeFolder } from '../../host/make-folder.js';
import { printable } from '../../host/printable.js';
import type { PatchSet } from '../../matrix/types.js';
import { runTool } from './run-tool.js';

/**
 * Copies a set's files into a scratch copy of a tree and applies its patches, in the order in which the set names them.
 * Each patch is tried dry first, so that the message is about one patch and the tree isn't left half patched.
 *
 * @param tree the scratch copy: it is changed
 * @param set where the set's files are
 * @throws ImageError naming the patch, the file and the hunk that doesn't apply
 */
export async function applyPatches(
  tree: string,
  set: string,
  { apply, copy }: Pick<PatchSet, 'apply' | 'copy'>,
  signal: AbortSignal,
): Promise<void> {
  for (const path of copy) {
    const from = present(set, path);
    const to = join(tree, path);
    await makeFolder(dirname(to));
    const words = ['--archive', '--no-target-directory', from, to];
    await runTool('cp', words, { purpose: `copying ${path} of a patch set`, signal });
  }
  for (const path of apply) {
    const words = [
      '-p1',
      '--forward',
      '--batch',
      '--no-backup-if-mismatch',
      '--reject-file=-',
      '--input',
      present(set, path),
    ];
    const options = { purpose: `applying ${path}`, signal, folder: tree };
    const tried = await runTool('patch', ['--dry-run', ...words], { ...options, accept: [0, 1, 2] });
    if (tried.exitCode !== 0) throw doesNotApply(path, `${tried.stdout}\n${tried.stderr}`);
    await runTool('patch', words, options);
  }
}

function present(set: string, path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw new UsageError(`a path that leaves its patch set: ${path}`, {
      remedy: 'name files inside the set',
    });
  }
  const full = join(set, path);
  if (existsSync(full)) return full;
  throw new ImageError(`the patch set has no ${path}`, {
    where: set,
    remedy: 'check the names under apply and copy, and the set’s branch',
  });
}

/** patch(1) names a file in one line and its hunks in those that follow. */
function doesNotApply(patch: string, said: string): ImageError {
  const failures: string[] = [];
  let file = '';
  for (const line of said.split('\n')) {
    file = line.match(/^(?:checking|patching) file '?(.+?)'?$/)?.[1] ?? file;
    const hunk = line.match(/^Hunk #(\d+) (?:FAILED|ignored)(?: at (\d+))?/);
    if (hunk) failures.push(`hunk ${hunk[1]} of ${file}${hunk[2] ? ` (line ${hunk[2]})` : ''}`);
    else if (
      /can't find file to patch|Reversed \(or previously applied\)|malformed patch|garbage/i.test(line)
    ) {
      failures.push(file ? `${line.trim()} (${file})` : line.trim());
    }
  }
  const what =
    failures.length > 0 ? failures.slice(0, 5).join(', ') : said.trim().split('\n').slice(-2).join('; ');
  return new ImageError(`${patch} doesn't apply: ${printable(what, 600)}`, {
    where: patch,
    remedy: 'use the patch set of this kernel’s line, or fix the patch',
  });
}
