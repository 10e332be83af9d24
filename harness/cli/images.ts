import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import {
  importedName,
  listKernels,
  obtainFile,
  obtainKernel,
  pruneKernels,
  verifyKernels,
} from '../images/index.js';
import { loadMatrix, selectRows } from '../matrix/index.js';
import { progressOn } from './board.js';
import { buildCommand } from './images-build.js';

export function imagesCommand(command: Command, signal: AbortSignal): Command {
  const images = command
    .command('images')
    .summary('list, fetch, build, import, verify and prune kernels')
    .description('The kernels in the cache.');
  list(images);
  fetchCommand(images, signal);
  buildCommand(images, signal);
  importCommand(images);
  verify(images);
  prune(images);
  return images;
}

function list(images: Command): void {
  images
    .command('list')
    .summary('the kernels in the cache')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  kmatrix images list\n  kmatrix images list --json | jq .[].release')
    .action(async (options: { readonly json?: boolean }) => {
      const kernels = await listKernels();
      if (options.json) return void process.stdout.write(`${JSON.stringify(kernels, null, 2)}\n`);
      if (kernels.length === 0)
        process.stdout.write('no kernel in the cache; kmatrix images fetch gets some\n');
      for (const { id, release, bytes, provenance } of kernels) {
        const size = `${(bytes / 2 ** 20).toFixed(0)} MiB`;
        process.stdout.write(
          `${id.slice(0, 12)}  ${release.padEnd(28)} ${size.padStart(9)}  ${provenance}\n`,
        );
      }
    });
}

function fetchCommand(images: Command, signal: AbortSignal): void {
  images
    .command('fetch')
    .summary('get kernels into the cache')
    .argument('[patterns...]', 'rows of matrix.yml', ['debian-*-cloud'])
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--refresh', 'ask the source again: a suite may have moved on')
    .addHelpText(
      'after',
      "\nExamples:\n  kmatrix images fetch\n  kmatrix images fetch 'vanilla-3.*'\n  kmatrix images fetch debian-sid-cloud --refresh",
    )
    .action(async (patterns: string[], options: { readonly matrix: string; readonly refresh?: boolean }) => {
      const rows = selectRows(await loadMatrix(options.matrix), patterns);
      const progress = progressOn();
      let failed: unknown;
      try {
        for (const row of rows) {
          const refresh = options.refresh === true;
          // one kernel that can't be had keeps nobody from the others; the last error is the exit code's
          await obtainKernel(row, {
            onEvent: (event) => progress.on(event),
            offline: false,
            signal,
            refresh,
          }).then(
            ({ release }) => process.stdout.write(`${row.id} ${release}\n`),
            (error: unknown) => {
              failed = error;
              const reason = error instanceof Error ? error.message : String(error);
              progress.on({ type: 'image-unavailable', kernel: row.id, reason });
            },
          );
          signal.throwIfAborted();
        }
      } finally {
        progress.close();
      }
      if (failed !== undefined) throw failed;
    });
}

interface ImportOptions {
  readonly config?: string;
  readonly systemMap?: string;
  readonly modules?: string;
}

function importCommand(images: Command): void {
  images
    .command('import')
    .summary('put a kernel of yours into the cache under a name')
    .argument('<name>', 'name for `imported:` in matrix.yml; a row’s own id supplies that row')
    .argument('<bzImage>', 'x86 kernel image')
    .option('--config <file>', 'its .config')
    .option('--system-map <file>', 'its System.map')
    .option('--modules <folder>', 'folder that holds lib/modules/RELEASE')
    .addHelpText('after', '\nExample:\n  kmatrix images import mine arch/x86/boot/bzImage --config .config')
    .action(async (name: string, bzImage: string, { config, systemMap, modules }: ImportOptions) => {
      if (!/^[a-z0-9][a-z0-9.+-]*$/.test(name)) {
        throw new UsageError(`not a name: ${name}`, {
          remedy: 'use lower-case letters, digits, dots, plus and minus',
        });
      }
      const source = {
        kind: 'file' as const,
        bzImage: resolve(bzImage),
        ...(config === undefined ? {} : { config: resolve(config) }),
        ...(systemMap === undefined ? {} : { systemMap: resolve(systemMap) }),
        ...(modules === undefined ? {} : { modules: resolve(modules) }),
      };
      const { release, id } = await obtainFile(importedName(name), source);
      process.stdout.write(`${name} ${release} ${id.slice(0, 12)}\n`);
    });
}

function verify(images: Command): void {
  images
    .command('verify')
    .summary('read every byte of the cache and remove what is broken')
    .addHelpText('after', '\nExample:\n  kmatrix images verify')
    .action(async () => {
      const found = await verifyKernels();
      for (const { id, release, trouble } of found) {
        process.stdout.write(
          `${id.slice(0, 12)}  ${release.padEnd(28)} ${trouble === undefined ? 'ok' : `removed: ${trouble}`}\n`,
        );
      }
      if (found.some(({ trouble }) => trouble !== undefined)) process.exitCode = 1;
    });
}

function prune(images: Command): void {
  images
    .command('prune')
    .summary('remove kernels that were not used lately')
    .option('--days <n>', 'keep what was used within so many days', '30')
    .option('--size <MiB>', 'and at most so much, the least recently used go first')
    .addHelpText('after', '\nExamples:\n  kmatrix images prune --days 7\n  kmatrix images prune --size 500')
    .action(async ({ days, size }: { readonly days: string; readonly size?: string }) => {
      const removed = await pruneKernels({
        days: count(days, '--days'),
        ...(size !== undefined && { sizeMiB: count(size, '--size') }),
      });
      for (const { id, release } of removed) process.stdout.write(`${id.slice(0, 12)}  ${release} removed\n`);
      if (removed.length === 0) process.stdout.write('nothing to remove\n');
    });
}

function count(text: string, where: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`not a number: ${text}`, { where, remedy: 'give a number from 0' });
}
