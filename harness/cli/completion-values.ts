import { join } from 'node:path';
import { projectRoot } from '../host/project.js';
import { requirementGroups } from '../host/requirements.js';
import { boundNames } from '../kernels/binding.js';
import { usualAxes } from '../matrix/axes.js';
import { loadMatrix } from '../matrix/load.js';
import type { Matrix } from '../matrix/types.js';
import { formats } from '../report/formats.js';
import { loadBugs } from '../repro/bugs.js';
import { runIds } from '../results/find-run.js';
import type { Candidate, ValueContext, Values } from './completion-words.js';

/** Values by option or placeholder. A matrix.yml that can't be read has none: its own command says what is wrong. */
export const completionValues: Values = async (names, context) => {
  const source = names.map((name) => sources[name]).find((known) => known !== undefined);
  return source?.(context).catch(() => []);
};

type Source = (context: ValueContext) => Promise<readonly Candidate[]>;

const kernels = inMatrix((matrix) =>
  matrix.kernels.map(({ id, line, flavour }) => ({ id, about: `${flavour} ${line}` })),
);

/** Rows, and what was imported or built under another name. */
const anyKernel: Source = async (context) => {
  const rows = await kernels(context).catch(() => []);
  const more = (await imported(context)).filter(({ word }) => rows.every((row) => row.word !== word));
  return [...rows, ...more];
};

const imported: Source = async () =>
  (await boundNames('imported')).map((word) => ({ word, about: 'imported or built' }));

const runs: Source = async ({ given }) => {
  const folder = given['--runs'] ?? given['--out'] ?? join(projectRoot, 'results');
  return ['latest', ...(await runIds(folder))].map((word) => ({ word }));
};

const sources: Readonly<Record<string, Source>> = {
  '--kernel': kernels,
  patterns: kernels,
  row: inMatrix((matrix) => matrix.kernels.filter(({ source }) => source.kind === 'tree')),
  kernel: anyKernel,
  'own-kernel': imported,
  'kernel-or-file': anyKernel,
  '--workload': inMatrix(({ workloads }) => workloads),
  ...Object.fromEntries(
    usualAxes.map(({ id, option }) => [
      option,
      inMatrix(({ axes }) => axes.find(({ axis }) => axis.id === id)?.rows ?? []),
    ]),
  ),
  '--profile': inMatrix(({ profiles }) => profiles),
  run: runs,
  issue: async () => loadBugs().map(({ id, knownIssue }) => ({ word: id, about: knownIssue })),
  A: runs,
  B: runs,
  '--format': async () => formats.map(({ name }) => ({ word: name })),
  '--group': async () => requirementGroups.map((word) => ({ word })),
};

function inMatrix(
  rows: (matrix: Matrix) => readonly { readonly id: string; readonly about?: string }[],
): Source {
  return async ({ given }) => {
    const matrix = await loadMatrix(given['--matrix'] ?? join(projectRoot, 'matrix.yml'));
    return rows(matrix).map(({ id, about }) => ({ word: id, ...(about !== undefined && { about }) }));
  };
}
