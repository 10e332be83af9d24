import type { Command } from 'commander';
import { buildCommand } from './images-build.js';
import { compareTreesCommand } from './images-compare-trees.js';
import { fetchCommand } from './images-fetch.js';
import { importCommand } from './images-import.js';
import { listCommand } from './images-list.js';
import { pruneCommand } from './images-prune.js';
import { removeCommand } from './images-remove.js';
import { verifyCommand } from './images-verify.js';

export function imagesCommand(command: Command, signal: AbortSignal): Command {
  const images = command
    .command('images')
    .summary('list, fetch, build, import, remove, verify and prune kernels; compare trees')
    .description('The kernels in the cache.');
  listCommand(images);
  fetchCommand(images, signal);
  buildCommand(images, signal);
  compareTreesCommand(images, signal);
  importCommand(images);
  removeCommand(images);
  verifyCommand(images);
  pruneCommand(images);
  return images;
}
