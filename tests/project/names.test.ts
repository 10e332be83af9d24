import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { knownIssues } from '../../harness/diagnosis/known-issues.js';
import { projectRoot } from '../../harness/host/project.js';
import { loadBugs } from '../../harness/repro/bugs.js';

/** Ids that are words of every day, or programs of a host's, too. */
const everyday = ['apt-get', 'burn', 'control', 'lifecycle'];

/** What only data may name: rows of matrix.yml but for controls, and bugs. */
async function namesOfData(): Promise<string[]> {
  const matrix = z
    .object({ kernels: z.record(z.string(), z.unknown()), workloads: z.record(z.string(), z.unknown()) })
    .parse(parse(await readFile(join(projectRoot, 'matrix.yml'), 'utf8')));
  const rows = [...Object.keys(matrix.kernels), ...Object.keys(matrix.workloads)];
  const bugs = loadBugs().flatMap(({ id, names }) => [...names, /^\d+$/.test(id) ? `'${id}'` : id]);
  const issues = knownIssues().map(({ id }) => id);
  return [...rows, ...bugs, ...issues].filter(
    (name) => !everyday.includes(name) && !name.startsWith('control-'),
  );
}

/** A file's code: comments name what they like, and so do the examples of a command's help, which its own test runs. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\.addHelpText\(\s*'after',.*?\)(?=\n\s*\.|;)/gs, '');

function namedIn(code: string, names: readonly string[]): string[] {
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const any = new RegExp(`(?<![\\w.-])(?:${escaped.join('|')})(?![\\w-])`, 'g');
  return [...new Set(code.match(any))];
}

t.test('harness/ knows no kernel, workload or bug by name', async (t) => {
  const names = await namesOfData();
  const folder = join(projectRoot, 'harness');
  for (const file of await readdir(folder, { recursive: true })) {
    if (!/\.(ts|yml|md)$/.test(file)) continue;
    t.same(namedIn(codeOf(await readFile(join(folder, file), 'utf8')), names), [], file);
  }
});

t.test('a name in code is seen, in a comment or a command’s example it is not', async (t) => {
  const names = ['vanilla-3.2', "'407'", 'LP#720095'];
  t.same(namedIn(codeOf("const one = 'vanilla-3.2';"), names), ['vanilla-3.2']);
  t.same(namedIn(codeOf("if (bug === '407') page(`LP#720095`);"), names), ["'407'", 'LP#720095']);
  t.same(namedIn(codeOf("const other = 'vanilla-3.2-aufs'; status === 407"), names), []);
  t.same(namedIn(codeOf('/** as on vanilla-3.2 */\n// LP#720095\n'), names), []);
  const help =
    "command\n    .addHelpText(\n      'after',\n      '\\n  kmatrix shell vanilla-3.2',\n    )\n    .action(run);";
  t.same(namedIn(codeOf(help), names), []);
});
