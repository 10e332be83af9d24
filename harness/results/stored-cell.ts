import type { Cell } from '../matrix/types.js';
import type { StoredCell } from './manifest.js';

/**
 * A cell for run.json. Of its kernel's source only the kind stays: paths of trees, files and key rings are this host's
 * business. A run is resumed from matrix.yml, not from here.
 */
export function storedCell({ kernel, ...cell }: Cell): StoredCell {
  const { id, line, version, flavour, verified, bootArguments, source } = kernel;
  const stored = {
    id,
    line,
    ...(version !== undefined && { version }),
    flavour,
    verified,
    bootArguments,
    source: source.kind,
  };
  return { ...cell, kernel: stored };
}
