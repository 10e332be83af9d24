import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { packRun, publicConsole } from '../../harness/results/pack-run.js';
import { readConsole } from '../../harness/results/read-console.js';
import { readAttempts } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { readSeries } from '../../harness/results/series.js';
import { readSummary } from '../../harness/summary/read-summary.js';
import { sampleRun } from '../report/sample-run.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from './stored-run.js';

const root = await runsFolder();
const samples = [{ name: 'backlog', value: 3, uptime: 1 }];

/** An attempt that failed with a long console and samples, one that only warned, and one of which there is nothing to tell. */
async function aFolder(): Promise<string> {
  const cell = aCell('vanilla-3.2', 'lifecycle', { attempts: 3 });
  const run = await RunStore.create(root, aRun([cell]));
  const oops = { reports: [aReport()], decisive: 0, secondsToReport: 1, samples };
  const long = `Linux version 3.2.71 (me@${hostname()}) (gcc)\n${'a line of the kernel\n'.repeat(30_000)}`;
  await run.append(anAttempt(cell.id, 0, 'oops', oops), long);
  const warned = { reports: [aReport({ kind: 'warning', knownIssue: null })] };
  await run.append(anAttempt(cell.id, 1, 'stable', warned), 'a warning\u00e9\n');
  await run.append(anAttempt(cell.id, 2, 'stable', { samples }), 'all well\n');
  await run.close();
  return run.folder;
}

const attemptsOf = async (folder: string) => {
  const all = [];
  for await (const attempt of readAttempts(folder)) all.push(attempt);
  return all;
};

t.test('what went wrong is kept in one file and read as before; what did not is left out', async (t) => {
  const folder = await aFolder();
  const [failed, warned] = await attemptsOf(folder);
  t.ok(failed?.console.endsWith('.log.gz'), 'a long one was compressed');
  const before = await readConsole(folder, warned?.console ?? '');
  t.same(await packRun(folder), { kept: 2, leftOut: 1 });
  t.same((await readdir(folder)).sort(), ['attempts.jsonl', 'evidence.tar.gz', 'run.json', 'sessions.jsonl']);
  const [first, second, third] = await attemptsOf(folder);
  t.equal(first?.console, 'evidence.tar.gz#consoles/vanilla-3.2__lifecycle--0.log');
  t.match(
    (await readConsole(folder, first?.console ?? '')).toString(),
    /^Linux version 3\.2\.71 \(kmatrix@kmatrix\) \(gcc\)\na line of the kernel\n/,
  );
  t.same(await readConsole(folder, second?.console ?? ''), before);
  t.match(third, { console: '', series: '' });
  if (first) t.same(await readSeries(folder, first), samples);
  await t.rejects(readConsole(folder, 'evidence.tar.gz#consoles/other.log'), /no such file/);
  t.same(await packRun(folder), { kept: 0, leftOut: 0 }, 'twice is once');
});

t.test('a table says of a packed run what it said, and excerpts are there', async (t) => {
  const folder = await sampleRun(root);
  const before = await readSummary(folder);
  await packRun(folder);
  const after = await readSummary(folder);
  const told = ({ cells, reports }: typeof before) => ({
    cells: cells.map(({ id, outcome, failing, conclusive }) => [id, outcome, failing, conclusive]),
    excerpts: reports.map(({ first }) => first.excerpt),
  });
  t.same(told(after), told(before));
  t.ok(after.reports[0]?.first.console.startsWith('evidence.tar.gz#'));
});

t.test(
  'the same run gives the same bytes, and a pack that was cut or made up ends in one error',
  async (t) => {
    const folder = await aFolder();
    const copy = join(t.testdir(), basename(folder));
    await cp(folder, copy, { recursive: true });
    await packRun(folder);
    await packRun(copy);
    const pack = await readFile(join(folder, 'evidence.tar.gz'));
    t.same(await readFile(join(copy, 'evidence.tar.gz')), pack);
    t.ok(gunzipSync(pack).includes('consoles/vanilla-3.2__lifecycle--1.log'));
    const place = 'evidence.tar.gz#consoles/vanilla-3.2__lifecycle--1.log';
    for (const bytes of [pack.subarray(0, pack.length / 2), Buffer.from('no archive'), Buffer.alloc(0)]) {
      await writeFile(join(folder, 'evidence.tar.gz'), bytes);
      await t.rejects(readConsole(folder, place), { name: 'HostError' });
    }
  },
);

t.test('only this host’s name is taken out', async (t) => {
  const said = 'Linux version 6.1.0 (debian-kernel@lists.debian.org) (gcc) (x@other)';
  t.equal(publicConsole(Buffer.from(said), 'here').toString(), said);
  t.equal(
    publicConsole(Buffer.from('[0] Linux version 2.6.38 (root@here) (gcc)'), 'here').toString(),
    '[0] Linux version 2.6.38 (kmatrix@kmatrix) (gcc)',
  );
});
