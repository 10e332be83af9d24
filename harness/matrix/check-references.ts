import { z } from 'zod';
import type { Axis } from './axes.js';
import { matchesAny, suggestion } from './glob.js';
import type { Problem } from './problems.js';
import { axisRowsOf } from './rows.js';
import { type MatrixFile, namesOf, saidOf } from './schema.js';

/** Ids of the rows of what patterns and controls name: kernels, workloads, and each axis. */
interface Dimension {
  /** Keys under which patterns and controls name it. */
  readonly keys: readonly string[];
  /** In the singular, for people. */
  readonly called: string;
  readonly ids: readonly string[];
  /** Section of the file that lists them. */
  readonly section: string;
}

/** Names and patterns that mean nothing in this file. */
export function checkReferences(file: MatrixFile, axes: readonly Axis[]): Problem[] {
  const dimensions: Dimension[] = [
    { keys: ['kernel'], called: 'kernel', ids: Object.keys(file.kernels), section: 'kernels' },
    { keys: ['workload'], called: 'workload', ids: Object.keys(file.workloads), section: 'workloads' },
    ...axes.map((axis) => ({
      keys: namesOf(axis),
      called: axis.called,
      ids: axisRowsOf(file, axis, axes).map(({ id }) => id),
      section: namesOf(axis).find((name) => Object.hasOwn(file, name)) ?? axis.section,
    })),
  ];
  return [
    ...emptySections(dimensions),
    ...checkUsual(file, axes),
    ...checkNeeds(needsOf(file, axes), axes),
    ...checkControls(file, dimensions),
    ...checkPatterns(file, dimensions, needsOf(file, axes)),
  ];
}

const emptySections = (dimensions: readonly Dimension[]): Problem[] =>
  dimensions
    .filter(({ ids }) => ids.length === 0)
    .map(({ section }) => ({ path: [section], what: 'no row', remedy: 'add at least one' }));

/** Of two usual rows neither is; of one name under two headings one is lost. */
function checkUsual(file: MatrixFile, axes: readonly Axis[]): Problem[] {
  return axes.flatMap((axis) => {
    const named = namesOf(axis).filter((name) => Object.hasOwn(file, name));
    const [name = axis.section, other] = named;
    const usual = axisRowsOf(file, axis, axes).filter(({ usual }) => usual);
    const marked = markedUsual(file, axis);
    return [
      ...(other === undefined
        ? []
        : [{ path: [other], what: `${name} and ${other} are one section`, remedy: `write it as ${name}` }]),
      ...(marked.length > 1
        ? [
            {
              path: [name, marked[1] ?? ''],
              what: `${usual[0]?.id} is usual already`,
              remedy: 'mark one row',
            },
          ]
        : []),
    ];
  });
}

const markedUsual = (file: MatrixFile, axis: Axis): string[] =>
  Object.entries(
    z.record(z.string(), z.looseObject({ usual: z.boolean().optional() })).parse(saidOf(file, axis) ?? {}),
  )
    .filter(([, { usual }]) => usual === true)
    .map(([id]) => id);

function checkControls(file: MatrixFile, dimensions: readonly Dimension[]): Problem[] {
  return Object.entries(file.controls).flatMap(([id, control]) => {
    const path = ['controls', id];
    const said: Readonly<Record<string, unknown>> = control;
    return dimensions.flatMap(({ keys, called, ids }) => {
      const named =
        called === 'kernel'
          ? control.kernels.map((name, index) => ({ name, path: [...path, 'kernels', index] }))
          : keys.flatMap((key) => {
              const name = said[key];
              return typeof name === 'string' ? [{ name, path: [...path, key] }] : [];
            });
      return named
        .filter(({ name }) => !ids.includes(name))
        .map(({ name, path: at }) => ({
          path: at,
          what: `there is no ${called} '${name}'`,
          remedy: suggestion(name, ids),
        }));
    });
  });
}

/** What workloads, and rows of axes, need of other axes; a word that is no axis is a mistake of its own. */
function needsOf(file: MatrixFile, axes: readonly Axis[]): PatternList[] {
  const ofWorkloads = Object.entries(file.workloads).flatMap(([id, { needs }]) =>
    needs === undefined ? [] : [{ path: ['workloads', id, 'needs'], patterns: needs }],
  );
  const ofRows = axes.flatMap((axis) => {
    const section = namesOf(axis).find((name) => Object.hasOwn(file, name)) ?? axis.section;
    return Object.entries(rowsWithNeeds.parse(saidOf(file, axis) ?? {})).flatMap(([id, { needs }]) =>
      needs === undefined ? [] : [{ path: [section, id, 'needs'], patterns: needs }],
    );
  });
  return [...ofWorkloads, ...ofRows];
}

const rowsWithNeeds = z.record(
  z.string(),
  z.looseObject({ needs: z.record(z.string(), z.unknown()).optional() }),
);

/** Keys of needs that are neither `lines` nor an axis. */
const checkNeeds = (needs: readonly PatternList[], axes: readonly Axis[]): Problem[] => {
  const known = ['lines', ...axes.flatMap(namesOf)];
  return needs.flatMap(({ path, patterns }) =>
    Object.keys(patterns)
      .filter((key) => !known.includes(key))
      .map((key) => ({
        path: [...path, key],
        what: `there is no axis '${key}'`,
        remedy: suggestion(key, known),
        atKey: true,
      })),
  );
};

interface PatternList {
  readonly path: readonly PropertyKey[];
  readonly patterns: Readonly<Record<string, unknown>>;
}

function checkPatterns(
  file: MatrixFile,
  dimensions: readonly Dimension[],
  needs: readonly PatternList[],
): Problem[] {
  const lists: PatternList[] = [
    ...needs,
    ...file.expected.map((patterns, index) => ({ path: ['expected', index], patterns })),
    ...Object.entries(file.profiles).flatMap(([id, profile]) => [
      { path: ['profiles', id], patterns: profile },
      ...profile.include.map((patterns, at) => ({ path: ['profiles', id, 'include', at], patterns })),
      ...profile.exclude.map((patterns, at) => ({ path: ['profiles', id, 'exclude', at], patterns })),
    ]),
  ];
  return lists.flatMap(({ path, patterns }) =>
    dimensions.flatMap(({ keys, called, ids }) =>
      keys.flatMap((key) =>
        listOf(patterns[key])
          .map((pattern, index) => ({ pattern, index }))
          .filter(({ pattern }) => ids.length > 0 && !ids.some((id) => matchesAny(id, [pattern])))
          .map(({ pattern, index }) => ({
            path: [...path, key, index],
            what: `no ${called} matches '${pattern}'`,
            remedy: suggestion(pattern, ids),
          })),
      ),
    ),
  );
}

const listOf = (said: unknown): readonly string[] => z.array(z.string()).optional().parse(said) ?? [];
