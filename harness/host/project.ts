import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessBug } from '../errors.js';

/** Folder of kmatrix's own package.json: images/ and matrix.yml are found from here, built or not. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'images'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new HarnessBug('kmatrix runs outside its own package: no package.json above it');
  return findRoot(parent);
}
