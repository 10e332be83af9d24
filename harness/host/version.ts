import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.js';

/** kmatrix's own version, from its package.json. */
export const kmatrixVersion: string = versionOf(join(projectRoot, 'package.json'));

function versionOf(path: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
