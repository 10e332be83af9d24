import { matchesAny, suggestion } from './glob.js';
import type { Problem } from './problems.js';
import type { MatrixFile } from './schema.js';

type Dimension = 'kernel' | 'workload' | 'storage' | 'boot';
const dimensions: readonly Dimension[] = ['kernel', 'workload', 'storage', 'boot'];

/** Names and patterns that mean nothing in this file. */
export function checkReferences(file: MatrixFile): Problem[] {
  const ids: Readonly<Record<Dimension, readonly string[]>> = {
    kernel: Object.keys(file.kernels),
    workload: Object.keys(file.workloads),
    storage: Object.keys(file.storage),
    boot: Object.keys(file.boot),
  };
  return [...emptySections(ids), ...checkControls(file, ids), ...checkPatterns(file, ids)];
}

function emptySections(ids: Readonly<Record<Dimension, readonly string[]>>): Problem[] {
  const sections = { kernel: 'kernels', workload: 'workloads', storage: 'storage', boot: 'boot' } as const;
  return dimensions
    .filter((dimension) => ids[dimension].length === 0)
    .map((dimension) => ({ path: [sections[dimension]], what: 'no row', remedy: 'add at least one' }));
}

function checkControls(file: MatrixFile, ids: Readonly<Record<Dimension, readonly string[]>>): Problem[] {
  return Object.entries(file.controls).flatMap(([id, control]) => {
    const path = ['controls', id];
    const named = [
      ...control.kernels.map((kernel, index) => ({
        dimension: 'kernel' as const,
        name: kernel,
        path: [...path, 'kernels', index],
      })),
      ...(['workload', 'storage', 'boot'] as const).map((dimension) => ({
        dimension,
        name: control[dimension],
        path: [...path, dimension],
      })),
    ];
    return named
      .filter(({ dimension, name }) => !ids[dimension].includes(name))
      .map(({ dimension, name, path: at }) => ({
        path: at,
        what: `there is no ${dimension} '${name}'`,
        remedy: suggestion(name, ids[dimension]),
      }));
  });
}

interface PatternList {
  readonly path: readonly PropertyKey[];
  readonly patterns: Readonly<Record<Dimension, readonly string[]>>;
}

function checkPatterns(file: MatrixFile, ids: Readonly<Record<Dimension, readonly string[]>>): Problem[] {
  const lists: PatternList[] = [
    ...file.expected.map((patterns, index) => ({ path: ['expected', index], patterns })),
    ...Object.entries(file.profiles).flatMap(([id, profile]) => [
      { path: ['profiles', id], patterns: profile },
      ...profile.include.map((patterns, at) => ({ path: ['profiles', id, 'include', at], patterns })),
      ...profile.exclude.map((patterns, at) => ({ path: ['profiles', id, 'exclude', at], patterns })),
    ]),
  ];
  return lists.flatMap(({ path, patterns }) =>
    dimensions.flatMap((dimension) =>
      patterns[dimension]
        .map((pattern, index) => ({ pattern, index }))
        .filter(
          ({ pattern }) =>
            ids[dimension].length > 0 && !ids[dimension].some((id) => matchesAny(id, [pattern])),
        )
        .map(({ pattern, index }) => ({
          path: [...path, dimension, index],
          what: `no ${dimension} matches '${pattern}'`,
          remedy: suggestion(pattern, ids[dimension]),
        })),
    ),
  );
}
