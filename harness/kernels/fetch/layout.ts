import { UsageError } from '../../errors.js';
import type { ArchiveSuite } from '../../matrix/types.js';

/** A file of the suite: dists/SUITE/NAME below the base URL. */
export function suiteUrl(source: ArchiveSuite, name: string): string {
  return below(source, `dists/${source.suite}/${name}`);
}

/** A path as an index has it (pool/main/l/…), below the base URL. */
export function below(source: ArchiveSuite, path: string): string {
  if (!isInside(path)) {
    throw new UsageError(`not a path inside an archive: ${path}`, {
      remedy: 'correct the row in matrix.yml',
    });
  }
  return [archiveUrl(source), ...path.split('/').map(encodeURIComponent)].join('/');
}

/** The folder that holds dists and pool. */
export const archiveUrl = ({ baseUrl, timestamp }: ArchiveSuite): string =>
  [baseUrl.replace(/\/+$/, ''), timestamp].filter((part) => part !== undefined).join('/');

/** Letters, digits and what Debian names hold; no way up, no second meaning of a character. */
export const isInside = (path: string): boolean =>
  path.length <= 1000 &&
  path.split('/').every((part) => /^[\w+~:@=,-][\w.+~:@=,-]*$/.test(part) && part !== '..');
