// node tools/wrap-prose.mjs: wraps the prose of the project's Markdown (tests/project/prose.test.ts looks).
import { readFile, writeFile } from 'node:fs/promises';
import { $ } from 'zx';
import { wrapProse } from '../dist/harness/report/markdown/wrap-prose.js';

const { stdout } = await $`git ls-files ${'*.md'} ${':!results/20*'}`.quiet();
for (const file of stdout.split('\n').filter(Boolean)) {
  const text = await readFile(file, 'utf8');
  const wrapped = wrapProse(text);
  if (wrapped === text) continue;
  await writeFile(file, wrapped);
  console.log(file);
}
