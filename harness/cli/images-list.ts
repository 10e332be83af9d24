import process from 'node:process';
import type { Command } from 'commander';
import { listUserlands } from '../disks/userlands/userland.js';
import { type BoundName, listBindings } from '../kernels/binding.js';
import { listKernels } from '../kernels/kernel-entries.js';
import { purityOf } from '../kernels/purity.js';
import { fitLines } from './fit-lines.js';

export function listCommand(images: Command): void {
  images
    .command('list')
    .summary('the kernels and userlands in the cache, and the rows and names they stand for')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      "\nExamples:\n  kmatrix images list\n  kmatrix images list --json | jq '.[] | [.kind, .release // .name]'",
    )
    .action(async (options: { readonly json?: boolean }) => {
      const bindings = await listBindings();
      const listed = (await listKernels()).map(async (kernel) => ({
        ...kernel,
        names: bindings.flatMap(({ entry, space, name }) => (entry === kernel.id ? { space, name } : [])),
        // of a kernel that came as a package the row's report says it
        ...(kernel.core && { purity: await purityOf(kernel, 'tree') }),
      }));
      const kernels = (await Promise.all(listed)).map((kernel) => ({ kind: 'kernel', ...kernel }));
      const userlands = await listUserlands();
      if (options.json)
        return void process.stdout.write(
          `${JSON.stringify([...kernels, ...userlands.map((one) => ({ kind: 'userland', ...one }))], null, 2)}\n`,
        );
      if (kernels.length === 0) {
        process.stdout.write('no kernel in the cache; kmatrix images fetch gets some\n');
        return printUserlands(userlands);
      }
      const rows = kernels.map(({ id, release, bytes, usedAt, names, provenance, purity = '' }) => [
        id.slice(0, 12),
        release,
        purity,
        `${(bytes / 2 ** 20).toFixed(0)} MiB`.padStart(8),
        usedAt.toISOString().slice(0, 10),
        namesText(names),
        // the hash is for --json
        provenance.replace(/, SHA-256 [0-9a-f]{64}/g, ''),
      ]);
      const total = kernels.reduce((sum, { bytes }) => sum + bytes, 0);
      process.stdout.write(
        `${fitLines(table([['id', 'release', 'purity', 'size'.padStart(8), 'last used', 'stands for', 'from'], ...rows]), process.stdout)}\n` +
          `${kernels.length} ${kernels.length === 1 ? 'kernel' : 'kernels'}, ${(total / 2 ** 20).toFixed(0)} MiB\n`,
      );
      printUserlands(userlands);
    });
}

function printUserlands(userlands: Awaited<ReturnType<typeof listUserlands>>): void {
  if (userlands.length === 0) return;
  const rows = userlands.map(({ disk, name, bytes, usedAt, provenance }) => [
    disk.id.slice(0, 12),
    name,
    `${(bytes / 2 ** 20).toFixed(0)} MiB`.padStart(8),
    usedAt.toISOString().slice(0, 10),
    provenance,
  ]);
  const heads = ['id', 'userland', 'size'.padStart(8), 'last used', 'from'];
  process.stdout.write(`\n${fitLines(table([heads, ...rows]), process.stdout)}\n`);
}

/** Rows by their ids, others with the way they came. */
function namesText(names: readonly Pick<BoundName, 'space' | 'name'>[]): string {
  const words = names.map(({ space, name }) => (space === 'rows' ? name : `${name} (imported or built)`));
  return words.join(', ') || '-';
}

/** Columns as wide as their widest cell, the last one ragged. */
function table(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === columns - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
  return rows.map(line).join('\n');
}
