import { join } from 'node:path';
import process from 'node:process';
import { Argument, type Command } from 'commander';
import { projectRoot } from '../host/project.js';
import { findKernel, importedName, rowName } from '../images/index.js';
import { attemptKeys, expand, loadMatrix, wholeProfile } from '../matrix/index.js';
import type { KernelRow, Matrix } from '../matrix/types.js';
import { textTable } from '../report/text-table.js';
import { fitLines } from './fit-lines.js';

const parts = ['profiles', 'kernels', 'workloads', 'storage', 'boot'] as const;
type Part = (typeof parts)[number];

interface Options {
  readonly matrix: string;
  readonly json?: boolean;
}

export function matrixCommand(command: Command): void {
  command
    .command('matrix')
    .summary('what there is to run: profiles, kernels, workloads')
    .description(
      'Lists what matrix.yml has: the words that --profile, --kernel, --workload and their like take.',
    )
    .addArgument(new Argument('[part]', 'only this').choices(parts))
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix matrix\n  kmatrix matrix kernels\n  kmatrix matrix --json | jq .profiles',
    )
    .action(async (part: Part | undefined, options: Options) => {
      const listed = await listedOf(await loadMatrix(options.matrix));
      const wanted = part === undefined ? parts : [part];
      if (options.json) {
        const document = Object.fromEntries(wanted.map((name) => [name, listed[name]]));
        return void process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      }
      const blocks = wanted.map((name) =>
        [...(part === undefined ? [`${name}:`] : []), table(listed[name])].join('\n'),
      );
      process.stdout.write(`${fitLines(blocks.join('\n\n'), process.stdout)}\n`);
    });
}

type Row = Readonly<Record<string, string | number | boolean>>;

async function listedOf(matrix: Matrix): Promise<Readonly<Record<Part, readonly Row[]>>> {
  const cached = await Promise.all(matrix.kernels.map(isCached));
  return {
    profiles: matrix.profiles.map(({ id }) => {
      const cells = expand(matrix, wholeProfile(id), () => false);
      return { id, cells: cells.length, attempts: attemptKeys(cells, 0).length };
    }),
    kernels: matrix.kernels.map(({ id, line, flavour, source, verified }, index) => ({
      ...{ id, line, flavour, source: source.kind, verified },
      cached: cached[index] ?? false,
    })),
    workloads: matrix.workloads.map(({ id, program, iterations, timeoutSeconds, machine }) => ({
      ...{ id, program, iterations, timeoutSeconds, cpus: machine.cpus, memoryMiB: machine.memoryMiB },
    })),
    storage: matrix.storage.map(({ id, modules }) => ({ id, modules: modules.join(' ') })),
    boot: matrix.boot.map(({ id, arguments: words }) => ({ id, arguments: words.join(' ') })),
  };
}

const isCached = async (row: KernelRow): Promise<boolean> =>
  (await findKernel(importedName(row.id))) !== undefined || (await findKernel(rowName(row))) !== undefined;

function table(rows: readonly Row[]): string {
  const [first = {}] = rows;
  const text = (value: Row[string]): string =>
    typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  const cells = [Object.keys(first), ...rows.map((row) => Object.values(row).map(text))];
  return textTable(cells.map((row) => row.map((word) => ({ text: word })))).join('\n');
}
