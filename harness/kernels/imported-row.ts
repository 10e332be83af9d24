import type { KernelRow } from '../matrix/types.js';
import { lineOf, versionOfRelease } from '../versions/kernel-version.js';
import { importedName } from './binding.js';
import { findKernel } from './kernel-entries.js';

/** A row for what was imported under a name, as a reader of matrix.yml would write it; undefined where nothing was. */
export async function importedRow(name: string): Promise<KernelRow | undefined> {
  const kernel = await findKernel(importedName(name));
  // a boot header that begins with no version is refused at import
  const version = kernel && versionOfRelease(kernel.release);
  if (version === undefined) return undefined;
  return {
    id: name,
    line: lineOf(version),
    version: version.join('.'),
    flavour: 'own',
    source: { kind: 'imported', name },
    bootArguments: [],
    verified: false,
  };
}
