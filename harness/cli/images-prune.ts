import process from 'node:process';
import type { Command } from 'commander';
import type { Pruned } from '../cache/pruned.js';
import { UsageError } from '../errors.js';
import { pruneCache } from '../kernels/prune.js';

interface PruneOptions {
  readonly days: string;
  readonly size?: string;
  readonly imported?: boolean;
  readonly json?: boolean;
}

export function pruneCommand(images: Command): void {
  images
    .command('prune')
    .summary('remove what was not used recently')
    .description(
      'Removes kernels, userlands, what was made from them, compiled guests, downloads, package lists and build logs that were not used recently. ' +
        'Kernels that you imported or built stay: they can’t be fetched again.',
    )
    .option('--days <n>', 'keep what was used within this many days', '30')
    .option(
      '--size <MiB>',
      'also keep at most this much of kernels and userlands; the least recently used go first',
    )
    .option('--imported', 'imported and built kernels may go too')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  kmatrix images prune --days 7\n  kmatrix images prune --size 500')
    .action(async ({ days, size, imported, json }: PruneOptions) => {
      const removed = await pruneCache({
        days: count(days, '--days'),
        ...(size !== undefined && { sizeMiB: count(size, '--size') }),
        ...(imported === true && { imported }),
      });
      if (json) return void process.stdout.write(`${JSON.stringify(removed, null, 2)}\n`);
      if (removed.length === 0) return void process.stdout.write('nothing to remove\n');
      for (const one of removed) process.stdout.write(`${line(one)}\n`);
      const total = removed.reduce((sum, { bytes }) => sum + bytes, 0);
      process.stdout.write(`${removed.length} removed, ${mebibytes(total)} freed\n`);
    });
}

const line = ({ kind, name, bytes }: Pruned): string =>
  `${kind.padEnd(15)}  ${mebibytes(bytes).padStart(10)}  ${name}`;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function count(text: string, where: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`not a number: ${text}`, { where, remedy: 'give a number from 0' });
}
