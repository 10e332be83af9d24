import { UsageError } from '../errors.js';
import { printable } from '../host/printable.js';

/**
 * Refuses paths that a machine couldn't have below /files: the agent reads them from lines, as printable ASCII.
 *
 * @throws UsageError for the first path that leads elsewhere, and for two files in one place
 */
export function plainPaths(paths: readonly string[]): void {
  for (const path of paths)
    if (!isPlain(path)) throw refused(path, 'name it by a relative path of printable ASCII');
  const taken = new Set<string>();
  for (const path of paths) {
    if (taken.has(path)) throw refused(path, 'name each file once');
    taken.add(path);
  }
  for (const path of paths) {
    const parts = path.split('/');
    const file = parts.map((_, at) => parts.slice(0, at).join('/')).find((parent) => taken.has(parent));
    if (file !== undefined) throw refused(path, `/files/${file} is a file`);
  }
}

const isPlain = (path: string): boolean =>
  /^[!-~]([ -~]{0,198}[!-~])?$/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const refused = (path: string, remedy: string): UsageError =>
  new UsageError(`a machine can't have a file at /files/${printable(path, 200)}`, { remedy });
