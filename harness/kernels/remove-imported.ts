import type { Pruned } from '../cache/pruned.js';
import { removeEntry, withEntryLock } from '../cache/store.js';
import { UsageError } from '../errors.js';
import { nearest } from '../matrix/nearest.js';
import { boundNames, dropBindings, importedName, listBindings, readBinding } from './binding.js';
import { listKernels } from './kernel-entries.js';
import { pruneMade } from './prune.js';

/** What a name stood for until it was removed. */
export interface RemovedKernel {
  readonly name: string;
  /** Absent where the kernel itself was gone before. */
  readonly kernel?: { readonly id: string; readonly release: string; readonly bytes: number };
  /** Names that still stand for the same kernel, which stays for them. */
  readonly kept: readonly string[];
  /** What was made from it, or from kernels that were gone before, and went with it. */
  readonly made: readonly Pruned[];
}

/**
 * Takes an import or a build back: its name, the kernel where no other name stands for it, and what was made from that.
 *
 * @throws UsageError with the nearest name where nothing was imported or built under this one
 */
export async function removeImported(name: string): Promise<RemovedKernel> {
  const known = await boundNames('imported');
  if (!known.includes(name)) throw await unknownName(name, known);
  const imported = importedName(name);
  const binding = await readBinding(imported);
  const kernel = (await listKernels()).find(({ id }) => id === binding?.entry);
  if (binding === undefined || kernel === undefined) {
    await dropBindings(imported);
    return { name, kept: [], made: [] };
  }
  const { id, release, bytes } = kernel;
  const kept = await withEntryLock('kernels', id, async () => {
    await dropBindings(imported, id);
    // a build is bound by what it was made of as well, so that the same one is found again: not this one
    if (binding.asked !== undefined) await dropBindings({ space: 'rows', name }, id);
    const others = (await listBindings()).flatMap((other) => (other.entry === id ? other.name : []));
    if (others.length === 0) await removeEntry('kernels', id);
    return [...new Set(others)];
  });
  return { name, kernel: { id, release, bytes }, kept, made: kept.length > 0 ? [] : await pruneMade() };
}

async function unknownName(name: string, known: readonly string[]): Promise<UsageError> {
  if ((await boundNames('rows')).includes(name)) {
    return new UsageError(`the kernel of ${name} was fetched, not imported or built`, {
      remedy: 'kmatrix images prune removes what was not used recently, kmatrix images fetch gets it again',
    });
  }
  const near = nearest(name, known);
  return new UsageError(`no kernel was imported or built as '${name}'`, {
    remedy: near === undefined ? 'kmatrix images list shows the names' : `did you mean '${near}'?`,
  });
}
