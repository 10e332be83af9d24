import { join } from 'node:path';
import process from 'node:process';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { projectRoot } from '../host/project.js';
import { rowsInCache } from '../kernels/sources/cached-kernel.js';
import { usualAxes } from '../matrix/axes.js';
import { attemptKeys, expand, wholeProfile } from '../matrix/expand.js';
import { loadMatrix } from '../matrix/load.js';
import { nearest } from '../matrix/nearest.js';
import type { Matrix } from '../matrix/types.js';
import { textTable } from '../report/terminal/text-table.js';
import { fitLines } from './fit-lines.js';

const axisParts = usualAxes.map(({ section }) => section);
const parts = ['profiles', 'kernels', 'workloads', ...axisParts];

interface Options {
  readonly matrix: string;
  readonly json?: boolean;
}

export function matrixCommand(command: Command): void {
  command
    .command('matrix')
    .summary('list what there is to run: profiles, kernels, workloads')
    .description(
      'Lists what matrix.yml defines: the names that --profile, --kernel, --workload and similar options take.',
    )
    .addArgument(new Argument('[part]', 'only this').choices(parts).argParser(partOf))
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix matrix\n  kmatrix matrix kernels\n  kmatrix matrix --json | jq .profiles',
    )
    .action(async (part: string | undefined, options: Options) => {
      const matrix = await loadMatrix(options.matrix);
      const wanted = part === undefined ? parts : [part];
      const lists: (readonly [string, readonly Row[]])[] = [];
      for (const name of wanted) lists.push([name, (await listed[name]?.(matrix)) ?? []]);
      if (options.json) {
        return void process.stdout.write(`${JSON.stringify(Object.fromEntries(lists), null, 2)}\n`);
      }
      const blocks = lists.map(([name, rows]) => `${part === undefined ? `${name}:\n` : ''}${table(rows)}`);
      process.stdout.write(`${fitLines(blocks.join('\n\n'), process.stdout)}\n`);
    });
}

/** A part goes by its singular, and an axis by its option's name (kernel-arguments) and by the name that it had, too. */
function partOf(word: string): string {
  const axis = usualAxes.find(({ id, option, formerly }) =>
    [id, option.slice(2), formerly?.section].includes(word),
  );
  const part = axis?.section ?? parts.find((one) => one === word || one === `${word}s`);
  if (part !== undefined) return part;
  const likely = nearest(word, parts);
  const meant = likely === undefined ? '' : `Did you mean ${likely}? `;
  throw new InvalidArgumentError(`${meant}Allowed choices are ${parts.join(', ')}.`);
}

type Row = Readonly<Record<string, string | number | boolean>>;

/** What each part lists; only what is asked for is looked up. */
const listed: Readonly<Record<string, (matrix: Matrix) => Promise<readonly Row[]>>> = {
  profiles: async (matrix) =>
    matrix.profiles.map(({ id }) => {
      const cells = expand(matrix, wholeProfile(id), () => false);
      return { id, cells: cells.length, attempts: attemptKeys(cells, 0).length };
    }),
  kernels: async ({ kernels }) => {
    const cached = await rowsInCache(kernels);
    return kernels.map(({ id, line, flavour, source, verified }) => ({
      ...{ id, line, flavour, source: source.kind, verified, cached: cached.has(id) },
    }));
  },
  workloads: async ({ workloads }) =>
    workloads.map(({ id, program, iterations, timeoutSeconds, machine }) => ({
      ...{ id, program, iterations, timeoutSeconds, cpus: machine.cpus, memoryMiB: machine.memoryMiB },
    })),
  ...Object.fromEntries(
    usualAxes.map(({ id, section }) => [
      section,
      async ({ axes }: Matrix) =>
        (axes.find(({ axis }) => axis.id === id)?.rows ?? []).map((row) => ({
          id: row.id,
          usual: row.usual,
          modules: row.modules.join(' '),
          kernelArguments: row.kernelArguments.join(' '),
        })),
    ]),
  ),
};

function table(rows: readonly Row[]): string {
  const [first = {}] = rows;
  const text = (value: Row[string]): string =>
    typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  const cells = [Object.keys(first), ...rows.map((row) => Object.values(row).map(text))];
  return textTable(cells.map((row) => row.map((word) => ({ text: word })))).join('\n');
}
