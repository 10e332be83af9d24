// node tools/publish-night.mjs RUN: after a nightly that is to be published: keeps the run whole, and puts its table into
// results/README.md and docs/table.svg, and its attempts into the page of each bug. What it changed is left to look at and commit.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { $, argv } from 'zx';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [run] = argv._.map(String);
if (run === undefined) {
  console.error('usage: node tools/publish-night.mjs RUN     (an id, or the folder of a run below results/)');
  process.exit(2);
}
$.cwd = root;
const id = basename(run.replace(/\/$/, ''));
const kmatrix = [process.execPath, 'dist/harness/cli/main.js'];

await $`${kmatrix} publish ${id} --whole --no-add`;
await putTable();
for (const bug of await pagedBugs())
  await writeFile(join(root, `docs/${bug}.md`), (await $`${kmatrix} page ${bug}`.quiet()).stdout);
await $`${process.execPath} tools/picture.mjs ${id} docs/table.svg`;
await $({ stdio: 'inherit' })`git status --short --untracked-files=normal`;

/** Between its two marks in results/README.md. */
async function putTable() {
  const index = join(root, 'results/README.md');
  const text = await readFile(index, 'utf8');
  const table = (await readFile(join(root, 'results', id, 'table.md'), 'utf8')).match(
    /^\|.*\n(?:\|.*\n)+/m,
  )?.[0];
  const marks =
    /(<!-- the table of the last night: tools\/publish-night.mjs -->\n)[\s\S]*?(<!-- its end -->)/;
  if (table === undefined || !marks.test(text))
    throw new Error('no table in the run, or no place for it in results/README.md');
  const linked = table.replaceAll(/\]\((consoles\/|evidence)/g, `](${id}/$1`);
  const line = `Run [${id}](${id}/table.md).\n\n`;
  await writeFile(
    index,
    text.replace(marks, (_, before, after) => `${before}\n${line}${linked}\n${after}`),
  );
}

/** Ids of the bugs that have a page: each has its words in a file of its own. */
async function pagedBugs() {
  const ids = (await readdir(join(root, 'bugs'))).flatMap((name) => /^(.*)\.md$/.exec(name)?.[1] ?? []);
  if (ids.length === 0) throw new Error('bugs/ has no page');
  return ids;
}
