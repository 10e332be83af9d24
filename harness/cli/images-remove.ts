import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { type RemovedUserland, removeUserland } from '../disks/userlands/remove-userland.js';
import { projectRoot } from '../host/project.js';
import { boundNames } from '../kernels/binding.js';
import { type RemovedKernel, removeImported } from '../kernels/remove-imported.js';
import { bringsUserland } from '../matrix/axes.js';
import { loadMatrix } from '../matrix/load.js';

export function removeCommand(images: Command): void {
  images
    .command('remove')
    .summary('remove a kernel you imported or built, or a userland')
    .description(
      'Removes a kernel that you imported or built, by its name, or the userland of a row of matrix.yml, and what was made ' +
        'from it. If the kernel has another name too, it stays under that name. To remove fetched kernels, use ' +
        'kmatrix images prune.',
    )
    .argument(
      '<own-kernel>',
      'name it was imported under, the row it was built for, or the row of a userland',
    )
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix images remove mine\n  kmatrix images remove vanilla-3.2\n  kmatrix images remove bookworm',
    )
    .action(async (name: string, options: { readonly matrix: string; readonly json?: boolean }) => {
      const removed = (await userlandOf(name, options.matrix)) ?? (await removeImported(name));
      process.stdout.write(options.json ? `${JSON.stringify(removed, null, 2)}\n` : told(removed));
    });
}

/** A kernel's own name comes first: it is nowhere else. */
async function userlandOf(name: string, matrix: string): Promise<RemovedUserland | undefined> {
  if ((await boundNames('imported')).includes(name)) return undefined;
  const rows = (await loadMatrix(matrix)).axes.flatMap((axis) => axis.rows).filter(bringsUserland);
  const row = rows.find(({ id }) => id === name);
  return row && removeUserland(row);
}

function told(removed: RemovedKernel | RemovedUserland): string {
  if (!('userland' in removed)) return toldKernel(removed);
  const { name, userland, made } = removed;
  return `removed the userland ${name} ${userland.id.slice(0, 12)}, ${mebibytes([userland, ...made])} freed\n`;
}

function toldKernel({ name, kernel, kept, made }: RemovedKernel): string {
  if (kernel === undefined) return `removed the name ${name}; its kernel was already gone\n`;
  const what = `${name}: ${kernel.release} ${kernel.id.slice(0, 12)}`;
  if (kept.length > 0) return `removed the name ${what}; the kernel stays for ${kept.join(', ')}\n`;
  return `removed ${what}, ${mebibytes([kernel, ...made])} freed\n`;
}

const mebibytes = (entries: readonly { readonly bytes: number }[]): string =>
  `${(entries.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20).toFixed(1)} MiB`;
