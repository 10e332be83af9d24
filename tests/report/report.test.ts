import { join } from 'node:path';
import t from 'tap';
import {
  renderJson,
  renderMarkdown,
  renderTerminal,
  summarise,
  withExcerpts,
} from '../../harness/report/index.js';
import { RunStore } from '../../harness/results/index.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from '../results/stored-run.js';

const root = await runsFolder();
const bad = aCell('debian-6.1', 'control-panic', { role: 'known-bad', expectation: { outcomes: ['panic'] } });
const good = aCell('debian-6.1', 'burn', { role: 'known-good' });
const cells = [
  bad,
  good,
  aCell('vanilla-3.2', 'lifecycle', { attempts: 5 }),
  aCell('vanilla-3.2', 'netns-churn'),
  aCell('vanilla-3.8', 'lifecycle', { attempts: 2 }),
  aCell('vanilla-3.8', 'netns-churn'),
  aCell('rhel', 'lifecycle'),
];
const console = 'booted\nBUG: fault\nCall Trace: \u001b[31mred\u001b[0m\nafter\n';

async function store(extra?: (run: RunStore) => Promise<void>): Promise<string> {
  const run = await RunStore.create(root, aRun(cells));
  await run.append(anAttempt(bad.id, 0, 'panic'), 'panic');
  await run.append(anAttempt(good.id, 0, 'stable'), '');
  const oops = { reports: [aReport()], decisive: 0, secondsToReport: 3.3 };
  for (let index = 0; index < 5; index++) {
    const failing = index < 2;
    const over = failing ? { ...oops, secondsToReport: 3.3 + index } : {};
    await run.append(
      anAttempt('vanilla-3.2/lifecycle/plain/default', index, failing ? 'oops' : 'stable', over),
      console,
    );
  }
  await run.append(anAttempt('vanilla-3.2/netns-churn/plain/default', 0, 'unsupported'), '');
  await run.append(
    anAttempt('vanilla-3.8/lifecycle/plain/default', 0, 'stable', {
      facts: [{ name: 'setns.net', value: true, evidence: 'setns = 0' }],
    }),
    '',
  );
  await run.append(anAttempt('rhel/lifecycle/plain/default', 0, 'unavailable'), '');
  await run.recordImage({ kernel: 'rhel', status: 'unavailable', reason: 'no tree was given' });
  await extra?.(run);
  await run.close();
  return run.folder;
}

t.test('the table of a run, word for word', async (t) => {
  const text = renderTerminal(await summarise(await store()), { width: 120, color: false });
  t.equal(
    text.slice(text.indexOf('kernel '), text.indexOf('\n\ncontrol')),
    [
      'kernel       lifecycle                  netns-churn',
      '───────────  ─────────────────────────  ─────────────',
      'vanilla-3.2  oops 2/5 (5-85 %) 3.3 s !  unsupported !',
      'vanilla-3.8  stable 0/1 of 2            pending',
      'outcome, k/n attempts failing, 95 % interval, time to first report; ! not as expected',
      '',
      'rhel: unavailable: no tree was given',
    ].join('\n'),
  );
  t.match(text, /controls held/);
  t.match(text, /general protection fault in d_hash_and_lookup \[#407\]/);
});

t.test('below the table each report has an excerpt and the path of its console', async (t) => {
  const folder = await store();
  const text = renderTerminal(await withExcerpts(await summarise(folder)), { width: 200, color: false });
  t.ok(text.includes('│ BUG: fault'));
  t.ok(text.includes('\\u{1b}[31mred'), 'escaped');
  t.notOk(text.includes('\u001b'));
  t.ok(text.includes(`${join(folder, 'consoles/vanilla-3.2__lifecycle__plain__default--0.log')}:2`));
});

t.test('no line is wider than the terminal where the words allow it', async (t) => {
  const summary = await summarise(await store());
  for (const width of [60, 80, 100]) {
    const table = renderTerminal(summary, { width, color: false }).split('\n\ncontrol')[0] ?? '';
    const lines = table
      .split('\n')
      .slice(2)
      .filter((line) => !line.startsWith('outcome'));
    t.ok(
      lines.every((line) => line.length <= width),
      `${width}: ${lines.map((line) => line.length)}`,
    );
  }
});

t.test('colour comes only when asked for', async (t) => {
  const summary = await summarise(await store());
  t.notOk(renderTerminal(summary, { width: 100, color: false }).includes('\u001b['));
  t.ok(renderTerminal(summary, { width: 100, color: true }).includes('\u001b['));
});

t.test('Markdown has the table, the verdict and links to consoles', async (t) => {
  const text = renderMarkdown(await withExcerpts(await summarise(await store())));
  t.ok(
    text.includes(
      '| kernel | lifecycle | netns-churn |\n| --- | --- | --- |\n| vanilla-3.2 | [oops](consoles/',
    ),
  );
  t.ok(text.includes('**controls held**'));
  t.ok(text.includes('| setns&#46;net | yes |') || text.includes('| setns.net | yes |'));
});

t.test('a control that was not caught, and one that never ran, hold no verdict', async (t) => {
  const run = await RunStore.create(root, aRun([bad, good]));
  await run.append(anAttempt(bad.id, 0, 'stable'), '');
  await run.close();
  const { controls } = await summarise(run.folder);
  t.equal(controls.held, false);
  t.equal(
    controls.verdict,
    'controls failed: debian-6.1/control-panic/plain/default ended in stable, not as expected: panic; ' +
      'debian-6.1/burn/plain/default has not finished (0 of 1)',
  );
  const none = await RunStore.create(root, aRun([aCell('a', 'b')]));
  await none.close();
  t.match((await summarise(none.folder)).controls.verdict, /no known-good cell was run/);
});

t.test("our own failure is no failure of the kernel's, and unexpected", async (t) => {
  const run = await RunStore.create(root, aRun([aCell('a', 'b', { attempts: 2 })]));
  await run.append(anAttempt('a/b/plain/default', 0, 'harness-error'), '');
  await run.append(anAttempt('a/b/plain/default', 1, 'stable'), '');
  await run.close();
  const [cell] = (await summarise(run.folder)).cells;
  t.match(cell, { outcome: 'stable', failing: 0, conclusive: 1, harnessErrors: 1, unexpected: 1 });
});

t.test('hostile guest text can break neither a table nor a terminal nor Markdown', async (t) => {
  const evil = `|\`\`\`\n# head <script>\u001b[2J\u202e @user [x](javascript:a) ${'w'.repeat(5000)} \u0000`;
  const folder = await store(async (run) => {
    await run.append(
      anAttempt('vanilla-3.8/netns-churn/plain/default', 0, 'oops', {
        release: evil,
        reason: evil,
        reports: [aReport({ title: evil, signature: evil, knownIssue: evil, function: evil })],
        decisive: 0,
        facts: [{ name: evil, value: evil, evidence: evil }],
      }),
      `x\n${evil}\n${'`'.repeat(30)}\nend`,
    );
    await run.recordImage({
      kernel: 'vanilla-3.8',
      status: 'ready',
      imageId: 'i',
      release: evil,
      provenance: evil,
      seconds: 1,
      cached: true,
    });
  });
  const summary = await withExcerpts(await summarise(folder));
  const terminal = renderTerminal(summary, { width: 100, color: false });
  const forbidden = ['\u0000', '\u001b', '\u202e'];
  t.notOk(forbidden.some((character) => terminal.includes(character)));
  t.ok(terminal.split('\n').every((line) => line.length < 400));
  const markdown = renderMarkdown(summary);
  t.notOk(forbidden.some((character) => markdown.includes(character)));
  const outside = markdown.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
  t.notMatch(outside, /<script|@user|\]\(javascript|```/);
  const rows = outside
    .split('\n')
    .filter((line) => line.startsWith('| setns') || line.startsWith('| vanilla-3.8 |'));
  t.ok(rows.length >= 2);
  t.same(JSON.parse(renderJson(summary)).reports.length, 2);
});
