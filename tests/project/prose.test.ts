import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { wrapProse } from '../../harness/report/markdown/wrap-prose.js';

t.test('prose in Markdown is wrapped; tables, code and addresses may be longer', async (t) => {
  const { stdout } = await execa('git', ['ls-files', '*.md', ':!results/20*'], { cwd: projectRoot });
  const files = stdout.split('\n').filter(Boolean);
  t.ok(files.length > 10, `${files.length} files`);
  for (const file of files) {
    const text = await readFile(join(projectRoot, file), 'utf8');
    const wrapped = wrapProse(text);
    const first = text.split('\n').findIndex((line, at) => line !== wrapped.split('\n')[at]);
    t.equal(first, -1, first === -1 ? file : `${file}:${first + 1}: node tools/wrap-prose.mjs fixes it`);
  }
});

const long = (count: number, word = 'word'): string => Array.from({ length: count }, () => word).join(' ');

t.test('paragraphs and items are wrapped, and nothing else', async (t) => {
  const kept = [`# A heading ${long(40)}`, '', `| a row | ${long(40)} |`, '', `    code ${long(40)}`, ''];
  t.equal(wrapProse(kept.join('\n')), kept.join('\n'));
  t.equal(wrapProse(`\`\`\`\n${long(40)}\n\`\`\``), `\`\`\`\n${long(40)}\n\`\`\``);
  const lines = wrapProse(`${long(40)}\n- ${long(40)}\n  ${long(3)}\n1. short`).split('\n');
  t.ok(lines.every((line) => line.length <= 120));
  t.same(
    lines.map((line) => line.slice(0, 4)),
    ['word', 'word', '- wo', '  wo', '1. s'],
  );
  t.equal(wrapProse(lines.join('\n')), lines.join('\n'), 'once is enough');
});

t.test('a line never begins like an item, a heading or a row', async (t) => {
  for (const odd of ['-', '#', '|', '407.']) {
    for (let words = 20; words < 28; words++) {
      const lines = wrapProse(`${long(words)} ${odd} ${long(30)}`).split('\n');
      t.notOk(
        lines.some((line) => line.startsWith(odd)),
        `${odd} after ${words}`,
      );
    }
  }
});

t.test('what means something else than its words stays as it is', async (t) => {
  for (const kept of [
    `- an item\n\n  ${long(40)}`,
    `> ${long(40)}\n> ${long(40)}`,
    `<!-- ${long(40)}\n${long(40)}\n-->`,
    `a line with a hard break  \n${long(3)}`,
    `[label]: https://example.org ${long(30)}`,
    `~~~\n${long(40)}\n~~~`,
    `A heading\n---------`,
  ])
    t.equal(wrapProse(kept), kept);
  for (let words = 18; words < 30; words++) {
    const lines = wrapProse(`${long(words)} \`npx tap one two\` ${long(20)} 5 % more`).split('\n');
    t.ok(
      lines.some((line) => line.includes('`npx tap one two`')),
      `code after ${words} words`,
    );
    t.ok(
      lines.some((line) => line.includes('5 %')),
      `a number and its unit after ${words} words`,
    );
  }
});
