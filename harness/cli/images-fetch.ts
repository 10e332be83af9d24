import { dirname, join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { obtainUserland } from '../disks/userlands/obtain-userland.js';
import { messageOf } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { unreachableHost } from '../kernels/fetch/unreachable.js';
import { obtainKernel } from '../kernels/sources/obtain-kernel.js';
import type { ImageEvent, KernelEntry } from '../kernels/types.js';
import { loadMatrix } from '../matrix/load.js';
import { selectFetched } from '../matrix/select-rows.js';
import { seconds } from '../report/words/duration.js';
import { progressOn } from './board.js';

interface FetchOptions {
  readonly matrix: string;
  readonly refresh?: boolean;
  readonly offline?: boolean;
}

export function fetchCommand(images: Command, signal: AbortSignal): void {
  images
    .command('fetch')
    .summary('get kernels and userlands into the cache')
    .argument('[patterns...]', 'rows of matrix.yml: kernels and userlands', ['debian-*-cloud'])
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--refresh', 'ask the source again: a suite may have been updated')
    .option('--offline', 'fetch nothing; show what is in the cache')
    .addHelpText(
      'after',
      "\nExamples:\n  kmatrix images fetch\n  kmatrix images fetch 'vanilla-3.*'\n  kmatrix images fetch debian-sid-cloud --refresh\n  kmatrix images fetch bookworm",
    )
    .action(async (patterns: string[], options: FetchOptions) => {
      const { kernels, userlands } = selectFetched(await loadMatrix(options.matrix), patterns);
      const rows = [...kernels, ...userlands];
      process.stderr.write(`${rows.length}: ${rows.map(({ id }) => id).join(', ')}\n`);
      const progress = progressOn();
      let failed: unknown;
      try {
        for (const row of rows) {
          let ready: (ImageEvent & { type: 'image-ready' }) | undefined;
          const onEvent = (event: ImageEvent) => {
            if (event.type === 'image-ready') ready = event;
            progress.on(event);
          };
          const { refresh = false, offline = false } = options;
          const baseFolder = dirname(options.matrix);
          // one kernel that can't be had keeps nobody from the others; the last error is the exit code's
          const obtaining = { onEvent, offline, signal, refresh, baseFolder };
          const obtained =
            'line' in row
              ? obtainKernel(row, obtaining).then((kernel) => summary(kernel, ready))
              : obtainUserland(row, obtaining).then(
                  ({ disk, provenance }) => `${disk.id.slice(0, 12)}  ${provenance}`,
                );
          await obtained.then(
            (text) => process.stdout.write(`${row.id}  ${text}\n`),
            (error: unknown) => {
              failed = error;
              progress.on({
                type: 'image-unavailable',
                kernel: row.id,
                of: 'line' in row ? 'kernel' : 'userland',
                reason: messageOf(error),
                host: unreachableHost(error),
              });
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

function summary(
  { id, release }: KernelEntry,
  ready: (ImageEvent & { type: 'image-ready' }) | undefined,
): string {
  const how = ready?.cached === false ? `new, after ${seconds(ready.seconds)}` : 'in the cache';
  return `${release}  ${id.slice(0, 12)}  ${how}`;
}
