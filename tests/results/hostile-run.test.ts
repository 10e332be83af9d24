import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { UsageError } from '../../harness/errors.js';
import { renderJson } from '../../harness/report/json/render.js';
import { renderComparisonMarkdown } from '../../harness/report/markdown/comparison.js';
import { confirmationMarkdown } from '../../harness/report/markdown/confirmation.js';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderComparison } from '../../harness/report/terminal/comparison.js';
import { renderConfirmation } from '../../harness/report/terminal/confirmation.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { compareRuns } from '../../harness/summary/compare/compare-runs.js';
import { confirmationOf } from '../../harness/summary/compare/confirm.js';
import { planConfirmation } from '../../harness/summary/compare/plan-confirmation.js';
import { summarise } from '../../harness/summary/summarise.js';
import { collect, renderPage } from '../report/page/page-of-407.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from './stored-run.js';

/** Clears the screen, turns text around, ends a table's cell and a line. */
const evil = 'x\u001b[2J\u202e\u009b1A|<b>\n# x';
const unprintable = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The same document once per string in it, with that string hostile; keys too. */
function* mutants(value: unknown): Generator<unknown> {
  if (typeof value === 'string') yield evil;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) for (const other of mutants(item)) yield value.with(at, other);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const other of mutants(item)) yield { ...value, [key]: other };
    }
  }
}

/** Everything that reads a stranger's run and shows it. */
async function shown(folder: string, other: string): Promise<string> {
  const summary = await summarise(folder);
  const comparison = await compareRuns(folder, other);
  const confirmation = confirmationOf(planConfirmation(comparison, 5), comparison);
  return [
    renderTerminal(summary, { color: false, folder: 'results/RUN', width: 100 }),
    renderMarkdown(summary),
    renderJson(summary),
    renderComparison(comparison, 100),
    renderComparisonMarkdown(comparison),
    renderConfirmation(confirmation, 100),
    confirmationMarkdown(confirmation),
    renderPage(await collect([folder]), 'results'),
  ].join('\n');
}

t.test('no text of a stranger’s run reaches a terminal or a page as it is', async (t) => {
  const root = await runsFolder();
  const control = aCell('debian-6.1', 'burn', { role: 'known-good' });
  const cells = ['pidns-exec', 'pidns-exec-leader'].map((workload) => aCell('vanilla-3.4', workload));
  const made = { ...aRun([control, ...cells]), guest: 'g1', jobs: { usual: 1, most: 2 } };
  const run = await RunStore.create(root, { ...made, accelerator: { name: 'kvm', reason: 'it ran' } });
  await run.append(anAttempt(control.id, 0, 'freeze'), '');
  await run.discardSession(run.session.id, 'KVM never got the control ready');
  await run.beginSession(made);
  await run.append(anAttempt(control.id, 0, 'stable'), '');
  await run.beginSession({ ...made, qemu: { binary: 'q', version: '9.1.0' } });
  for (const { id } of cells) {
    const facts = [
      { name: 'setns.net', value: true, evidence: 'setns = 0' },
      { name: 'uname.release', value: '3.4.112', evidence: 'uname' },
      { name: 'storage.btrfs', value: true, module: 'btrfs', evidence: 'mount = 0' },
      { name: 'storage.overlay', value: false, module: '', evidence: 'mount = ENODEV' },
    ];
    const over = { reports: [aReport()], decisive: 0, facts, imageId: '../../../etc/passwd' };
    await run.append(anAttempt(id, 0, 'oops', over), 'x\n');
  }
  const image = {
    imageId: '../../../etc/passwd',
    release: '3.4.112',
    seconds: 1,
    cached: true,
    config: 'ok',
    purity: 'signed',
    onlyTcgBoots: 'it was silent under KVM',
    unset: ['storage.overlay'],
  } as const;
  await run.recordImage({ kernel: 'vanilla-3.4', status: 'ready', provenance: 'a tree', ...image });
  await run.close();
  const original = run.folder;
  const outcomes = { refused: 0, shown: 0 };
  const told: Record<string, number> = {};
  for (const file of ['run.json', 'images.json', 'attempts.jsonl', 'sessions.jsonl']) {
    const before = outcomes.shown;
    const text = await readFile(join(original, file), 'utf8');
    const lines = file.endsWith('l') ? text.trimEnd().split('\n') : [text];
    for (const [at, line] of lines.entries()) {
      for (const mutant of mutants(JSON.parse(line))) {
        const folder = join(await mkdtemp(join(root, 'mutant-')), 'run');
        await cp(original, folder, { recursive: true });
        await writeFile(join(folder, file), `${lines.with(at, JSON.stringify(mutant)).join('\n')}\n`);
        try {
          const output = await shown(folder, original);
          outcomes.shown++;
          if (unprintable.test(output)) t.fail(`${file} ${at}: ${JSON.stringify(mutant)}`);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          outcomes.refused++;
        }
      }
    }
    told[file] = outcomes.shown - before;
  }
  t.ok(
    Object.values(told).every((mutants) => mutants > 5),
    `each file has text that is shown: ${JSON.stringify(told)}`,
  );
  t.ok(outcomes.refused > 10 && outcomes.shown > 50, JSON.stringify(outcomes));
  const whole = await shown(original, original);
  t.notMatch(whole, unprintable);
  for (const words of [
    /was discarded/,
    /silent under KVM/,
    /not configured/,
    /sessions that differ/,
    /9\.1\.0/,
  ])
    t.match(whole, words, 'control: it is text that readers meet');
});
