import process from 'node:process';
import type { Command } from 'commander';
import { counted } from '../host/counted.js';
import { printable } from '../host/printable.js';
import { compareTrees, type TreeComparison } from '../kernels/build/compare-trees.js';
import { coreId } from '../kernels/build/tree-core.js';
import { renderJson } from '../report/json/render.js';

export function compareTreesCommand(images: Command, signal: AbortSignal): void {
  images
    .command('compare-trees')
    .summary('compare a kernel tree with a second copy of it')
    .description(
      'Compares the core folders of two kernel trees (arch/x86, block, fs, include, ipc, kernel, mm, net) file by file, ' +
        'by their git hashes. Build output, hidden files and file modes are ignored. What is known about the trees ' +
        'that rows are built from is in images/kernels/purity.yml.',
    )
    .argument('<first>', 'folder, or git repository as PATH@COMMIT or PATH@COMMIT:FOLDER')
    .argument('<second>', 'likewise')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix images compare-trees ~/linux-3.2.71 ~/other/linux-3.2.71\n' +
        '  kmatrix images compare-trees ~/linux-3.2.71 ~/linux-stable@v3.2.71\n' +
        '\nExit codes: 0 no file differs, 1 some do, 2 no such tree.',
    )
    .action(async (first: string, second: string, options: { readonly json?: boolean }) => {
      const found = await compareTrees([first, second], signal);
      const ids = [coreId(found.first), coreId(found.second)];
      process.stdout.write(options.json ? renderJson({ ...found, ids }) : text(found, ids));
      const { differ, onlyInFirst, onlyInSecond } = found;
      process.exitCode = differ.length + onlyInFirst.length + onlyInSecond.length === 0 ? 0 : 1;
    });
}

function text(found: TreeComparison, [one = '', other = '']: readonly string[]): string {
  const { first, second, compared, differ, onlyInFirst, onlyInSecond } = found;
  const listed = (mark: string, paths: readonly string[]) =>
    paths.map((path) => `${mark} ${printable(path)}`);
  return [
    `first   ${printable(first.version, 60)}, ${counted(first.files, 'core file')}, ${one}`,
    `second  ${printable(second.version, 60)}, ${counted(second.files, 'core file')}, ${other}`,
    `${counted(compared, 'file')} compared, ${differ.length} differ, ${onlyInFirst.length} only in the first, ${onlyInSecond.length} only in the second`,
    ...listed('!', differ),
    ...listed('+', onlyInFirst),
    ...listed('-', onlyInSecond),
    '',
  ].join('\n');
}
