import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import pc from 'picocolors';
import t from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { fitLines } from '../../harness/cli/fit-lines.js';
import { importedName } from '../../harness/kernels/binding.js';
import { publishKernel } from '../../harness/kernels/kernel-entries.js';
import { kmatrixScript } from './kmatrix.js';

const terminal = (columns: number) => ({ isTTY: true, columns });

t.test('on a terminal a line is cut to its columns, colours closed; what fits stays as it is', async (t) => {
  t.equal(fitLines('0123456789', terminal(10)), '0123456789');
  t.equal(fitLines('0123456789a', terminal(10)), '012345678…');
  t.equal(fitLines('first line\nsecond', terminal(8)), 'first l…\nsecond');
  t.equal(fitLines('漢字漢字漢字', terminal(9)), '漢字漢字…', 'two columns each');
  t.equal(fitLines('a\tb', terminal(3)), 'a b');
  const red = fitLines(pc.createColors(true).red('0123456789a'), terminal(10));
  t.match(red, '012345678');
  t.match(red, '\u001b[39m');
});

t.test('elsewhere, and where the terminal doesn’t say its width, it stays whole', async (t) => {
  const line = 'x'.repeat(500);
  t.equal(fitLines(line, { isTTY: false, columns: 10 }), line);
  t.equal(fitLines(line, terminal(0)), line);
});

t.test('images list: cut on a terminal of 60 columns, whole in a pipe', async (t) => {
  process.env.KMATRIX_CACHE = t.testdir();
  const provenance = `a tree of ${'many '.repeat(30)}words`;
  await withStaging(async (folder) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'bzImage'), 'no kernel, but nothing here runs it');
    return publishKernel(importedName('mine'), { folder, release: '3.8.13', provenance, seconds: 0 });
  });
  const list = `'${process.execPath}' '${kmatrixScript}' images list`;
  const pipe = await execa('sh', ['-c', list]);
  t.match(pipe.stdout, provenance);
  const words = ['--quiet', '--return', '--command', `stty columns 60; ${list}`, '/dev/null'];
  const onTerminal = await execa('script', words, { stdin: 'ignore' });
  const lines = onTerminal.stdout.split(/\r?\n/).filter(Boolean);
  t.match(lines[1], /3\.8\.13.*…$/);
  for (const line of lines) t.ok([...line].length <= 60, line);
});
