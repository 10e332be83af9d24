import { resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { importedName, obtainFile } from '../images/index.js';
import { buildCommand } from './images-build.js';
import { fetchCommand } from './images-fetch.js';
import { listCommand } from './images-list.js';
import { pruneCommand } from './images-prune.js';
import { verifyCommand } from './images-verify.js';

export function imagesCommand(command: Command, signal: AbortSignal): Command {
  const images = command
    .command('images')
    .summary('list, fetch, build, import, verify and prune kernels')
    .description('The kernels in the cache.');
  listCommand(images);
  fetchCommand(images, signal);
  buildCommand(images, signal);
  importCommand(images);
  verifyCommand(images);
  pruneCommand(images);
  return images;
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
