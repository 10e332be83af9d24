import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { importedName } from '../kernels/binding.js';
import { importedRow } from '../kernels/imported-row.js';
import { findKernel } from '../kernels/kernel-entries.js';
import { obtainFile } from '../kernels/sources/file.js';
import { loadMatrix } from '../matrix/load.js';
import type { KernelRow } from '../matrix/types.js';
import { isOfLine } from '../versions/kernel-version.js';
import { withCallersFiles } from './callers-files.js';

interface ImportOptions {
  readonly matrix: string;
  readonly config?: string;
  readonly systemMap?: string;
  readonly modules?: string;
  readonly json?: boolean;
}

export function importCommand(images: Command): void {
  images
    .command('import')
    .summary('copy your own kernel into the cache under a name')
    .description(
      'Copies a kernel into the cache under a name. kmatrix shell and check-config accept that name; kmatrix run ' +
        'needs a row of matrix.yml, which is printed. Under the id of a `tree:` row, the kernel serves that row.',
    )
    .argument('<name>', 'name for `imported:` in matrix.yml, or the id of a `tree:` row')
    .argument('<bzImage>', 'x86 kernel image')
    .option('--config <file>', 'its .config')
    .option('--system-map <file>', 'its System.map')
    .option('--modules <folder>', 'folder that holds lib/modules/RELEASE')
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  kmatrix images import mine arch/x86/boot/bzImage --config .config\n\n' +
        'kmatrix images remove NAME undoes it.',
    )
    .action(async (name: string, bzImage: string, options: ImportOptions) => {
      if (!/^[a-z0-9][a-z0-9.+-]{0,59}$/.test(name)) {
        throw new UsageError(`not a name: ${name}`, {
          remedy: 'use lower-case letters, digits, dots, plus and minus, 60 at most',
        });
      }
      const { config, systemMap, modules } = options;
      const source = {
        kind: 'file' as const,
        bzImage: resolve(bzImage),
        ...(config === undefined ? {} : { config: resolve(config) }),
        ...(systemMap === undefined ? {} : { systemMap: resolve(systemMap) }),
        ...(modules === undefined ? {} : { modules: resolve(modules) }),
      };
      const rows = await rowsOf(options.matrix);
      const row = rowFor(name, rows);
      const check = (release: string) => checkLine(release, name, row);
      const before = await findKernel(importedName(name));
      const kernel = await withCallersFiles(() =>
        obtainFile(importedName(name), source, process.cwd(), check),
      );
      const { release, id } = kernel;
      const replaced = before === undefined || before.id === id ? undefined : before;
      if (options.json) {
        const old = replaced && { replaced: { release: replaced.release, id: replaced.id } };
        return void process.stdout.write(`${JSON.stringify({ name, release, id, ...old }, null, 2)}\n`);
      }
      process.stdout.write(`${name} ${release} ${id.slice(0, 12)}\n`);
      if (replaced !== undefined) {
        const { release: old, id: oldId } = replaced;
        process.stderr.write(`it replaces the ${old} ${oldId.slice(0, 12)} that was ${name} before\n`);
      }
      process.stderr.write(await nextStep(name, row, rows, options.matrix));
    });
}

/** The kernel is imported all the same where matrix.yml can't be read: that is for the command that needs it to say. */
const rowsOf = (matrix: string): Promise<readonly KernelRow[]> =>
  loadMatrix(matrix).then(
    ({ kernels }) => kernels,
    () => [],
  );

/** The row that a kernel of this name stands for. */
const rowFor = (name: string, rows: readonly KernelRow[]): KernelRow | undefined =>
  rows.find(({ id, source }) =>
    source.kind === 'imported' ? source.name === name : source.kind === 'tree' && id === name,
  );

function checkLine(release: string, name: string, row: KernelRow | undefined): void {
  if (row === undefined || isOfLine(release, row.line)) return;
  const { id, line, source } = row;
  const correct = source.kind === 'imported' ? ', or correct the row’s line in matrix.yml' : '';
  throw new UsageError(`the kernel is ${release}, and ${id} is a row of the line ${line}`, {
    remedy: `import it under another name than ${name}${correct}`,
  });
}

/** How to run it: by the row that already means this name, or by one to paste. */
async function nextStep(
  name: string,
  known: KernelRow | undefined,
  rows: readonly KernelRow[],
  matrix: string,
): Promise<string> {
  if (known !== undefined) return `next: kmatrix run --kernel ${known.id}\n`;
  const row = await importedRow(name);
  if (row === undefined) return '';
  const taken = rows.some(({ id }) => id === name);
  const id = taken ? `${name.slice(0, 51)}-imported` : name;
  const { line, version, flavour, verified } = row;
  const text = stringify({ [id]: { line, version, flavour, verified, imported: name } });
  return (
    `${taken ? 'next' : `next: kmatrix shell ${name}\nor`}, with this row below \`kernels:\` of ${matrix}: ` +
    `kmatrix run --kernel ${id}\n\n${text.replace(/^/gm, '  ').trimEnd()}\n`
  );
}
