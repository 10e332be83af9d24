import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { renderJson } from '../../harness/report/json/render.js';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { publishRun } from '../../harness/report/publish.js';
import { withExcerpts } from '../../harness/summary/excerpts.js';
import { summarise } from '../../harness/summary/summarise.js';
import { anAttempt, runsFolder } from '../results/stored-run.js';
import { sampleRun } from './sample-run.js';

const root = await runsFolder();

t.test('a run is published into its folder, and holds no path of this host', async (t) => {
  const folder = await sampleRun(root, async (run) => {
    const where = '/home/someone/kernels/bzImage';
    await run.append(anAttempt('vanilla-3.8/netns-churn', 0, 'harness-error', { reason: where }), '');
    const ready = {
      status: 'ready',
      imageId: 'i',
      release: '3.8.13',
      seconds: 1,
      cached: true,
      config: 'ok',
      purity: null,
    } as const;
    await run.recordImage({ kernel: 'vanilla-3.8', ...ready, provenance: `${where} (file)` });
    await run.noteOnlyTcgBoots('vanilla-3.8', `QEMU did not start: could not open ${where}`);
    await run.recordImage({
      kernel: 'vanilla-3.2',
      ...ready,
      config: 'lacks VETH',
      provenance: 'a supplied tree',
      purity: 'differs in 3 files',
    });
    await run.recordImage({ kernel: 'rhel', status: 'unavailable', reason: `no kernel; at ${where}` });
  });
  const summary = await publishRun(folder);
  t.same(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')), JSON.parse(renderJson(summary)));
  const markdown = await readFile(join(folder, 'table.md'), 'utf8');
  t.equal(markdown, renderMarkdown(summary));
  t.match(markdown, '| vanilla-3.2 | 3.2.71 | differs in 3 files | lacks VETH |');
  t.match(markdown, '| vanilla-3.8 | 3.2.71 | unknown | ok |', 'of a run from before it was recorded');
  t.match(markdown, 'bzImage (file)');
  for (const name of (await readdir(folder)).filter((one) => one !== 'consoles')) {
    const text = await readFile(join(folder, name), 'utf8');
    t.notOk(text.includes(root) || text.includes('/home/'), name);
  }
  t.notOk(markdown.includes(`${basename(folder)}/`), 'links begin at the folder that the table is in');
});

t.test('the first table is kernels by workloads, each link leads to a file', async (t) => {
  const folder = await sampleRun(root);
  const { reports, cells, controls } = await publishRun(folder);
  const text = await readFile(join(folder, 'table.md'), 'utf8');
  const first = text.split('\n').find((line) => line.startsWith('|'));
  t.equal(first, '| kernel | lifecycle | netns-churn |');
  const links = [...text.matchAll(/\]\((.*?)\)/g)].map(([, link = '']) => link);
  t.ok(links.length > 0 && reports.length > 0 && cells.length > 0 && controls.cells.length > 0);
  for (const link of new Set(links)) await t.resolves(readFile(join(folder, link)), link);
});

t.test('Markdown has the table, the verdict and links to consoles', async (t) => {
  const folder = await sampleRun(root);
  const text = renderMarkdown(await withExcerpts(folder, await summarise(folder)));
  t.ok(
    text.includes(
      '| kernel | lifecycle | netns-churn |\n| --- | --- | --- |\n| vanilla-3.2 | [oops](consoles/',
    ),
  );
  t.ok(text.includes('**controls held**'));
  t.ok(text.includes('| setns | net |\n| --- | --- |\n| vanilla-3.2 | not probed |\n| vanilla-3.8 | yes |'));
});
