import process from 'node:process';
import type { Command } from 'commander';
import { type RemovedKernel, removeImported } from '../kernels/remove-imported.js';

export function removeCommand(images: Command): void {
  images
    .command('remove')
    .summary('remove a kernel you imported or built')
    .description(
      'Removes a kernel that you imported or built, by its name, and what was made from it. If the kernel has ' +
        'another name too, it stays under that name. To remove fetched kernels, use kmatrix images prune.',
    )
    .argument('<own-kernel>', 'name it was imported under, or the row it was built for')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  kmatrix images remove mine\n  kmatrix images remove vanilla-3.2')
    .action(async (name: string, options: { readonly json?: boolean }) => {
      const removed = await removeImported(name);
      process.stdout.write(options.json ? `${JSON.stringify(removed, null, 2)}\n` : told(removed));
    });
}

function told({ name, kernel, kept, made }: RemovedKernel): string {
  if (kernel === undefined) return `removed the name ${name}; its kernel was already gone\n`;
  const what = `${name}: ${kernel.release} ${kernel.id.slice(0, 12)}`;
  if (kept.length > 0) return `removed the name ${what}; the kernel stays for ${kept.join(', ')}\n`;
  const bytes = [kernel, ...made].reduce((sum, one) => sum + one.bytes, 0);
  return `removed ${what}, ${(bytes / 2 ** 20).toFixed(1)} MiB freed\n`;
}
