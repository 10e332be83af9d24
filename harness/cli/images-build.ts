import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { buildSupplied } from '../kernels/build/build-supplied.js';
import { loadMatrix } from '../matrix/load.js';
import { findRow } from '../matrix/select-rows.js';
import type { PatchSet } from '../matrix/types.js';
import { progressOn } from './board.js';
import { collect, positive } from './option-values.js';

interface BuildOptions {
  readonly matrix: string;
  readonly tree?: string;
  readonly commit?: string;
  readonly folder?: string;
  readonly patchSet?: string;
  readonly apply?: string;
  readonly copy?: string;
  readonly config: readonly string[];
  readonly jobs?: number;
  readonly offline?: boolean;
}

export function buildCommand(images: Command, signal: AbortSignal): void {
  images
    .command('build')
    .summary('build a row’s kernel from a source tree')
    .description(
      'Builds a kernel of the matrix from the tree its row names, or from one that you give. The tree is only read. ' +
        'The kernel goes into the cache under the row’s id, with its build log.',
    )
    .argument('<row>', 'row of matrix.yml')
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--tree <place>', 'folder, git repository (bare ones too), or release tarball')
    .option('--commit <name>', 'commit, tag or branch of that repository')
    .option('--folder <path>', 'the kernel’s folder below the tree')
    .option('--patch-set <place>', 'folder, or git repository as PATH@COMMIT, that patches come from')
    .option('--apply <list>', 'comma-separated patches of the set, in order')
    .option('--copy <list>', 'comma-separated files and folders of the set that go into the tree')
    .option('--config <name=value>', 'kernel option that overrides the row’s; repeatable', collect, [])
    .option('--jobs <n>', 'compilers at a time', positive)
    .option('--offline', 'fetch nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix images build vanilla-3.2\n  kmatrix images build vanilla-3.2 --tree ~/linux-3.2.71\n' +
        '  kmatrix images build ubuntu-3.5.0-27 --tree ~/ubuntu.git \\\n      --folder linux-3.5.0-27\n' +
        '  kmatrix images build vanilla-3.8-aufs --tree ~/linux-3.8.13 \\\n' +
        '      --patch-set ~/aufs3.git@origin/aufs3.8 \\\n' +
        '      --apply aufs3-kbuild.patch,aufs3-base.patch,aufs3-mmap.patch \\\n' +
        '      --copy Documentation,fs,include/uapi/linux/aufs_type.h',
    )
    .action(async (id: string, options: BuildOptions) => {
      const row = findRow(await loadMatrix(options.matrix), id);
      const { patchSet, apply, copy, matrix: _, ...rest } = options;
      const patches = patchSetOf(patchSet, apply, copy);
      const progress = progressOn();
      try {
        const onEvent: Parameters<typeof buildSupplied>[0]['onEvent'] = (event) => progress.on(event);
        const kernel = await buildSupplied({ row, ...rest, ...(patches && { patches }), onEvent, signal });
        process.stdout.write(`${row.id} ${kernel.release} ${kernel.id.slice(0, 12)}\n`);
      } finally {
        progress.close();
      }
    });
}

function patchSetOf(place?: string, apply = '', copy = ''): PatchSet[] | undefined {
  if (place === undefined) {
    if (apply === '' && copy === '') return undefined;
    throw new UsageError('--apply and --copy name parts of a patch set, and no patch set is given', {
      remedy: 'name it: --patch-set FOLDER',
    });
  }
  const [, repository, commit] = /^(.+)@([^@/][^@]*)$/.exec(place) ?? [];
  const from =
    repository !== undefined && commit !== undefined ? { git: { repository, commit } } : { folder: place };
  return [{ ...from, apply: listed(apply), copy: listed(copy) }];
}

const listed = (text: string): string[] => text.split(',').filter(Boolean);
