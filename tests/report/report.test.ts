import { cpus } from 'node:os';
import t from 'tap';
import { renderJson } from '../../harness/report/json/render.js';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { withExcerpts } from '../../harness/summary/excerpts.js';
import { summarise } from '../../harness/summary/summarise.js';
import { anAttempt, aReport, runsFolder } from '../results/stored-run.js';
import { sampleRun } from './sample-run.js';

const root = await runsFolder();
const plain = { color: false, folder: 'results/RUN' };

t.test('the table of a run, word for word', async (t) => {
  const text = renderTerminal(await summarise(await sampleRun(root)), { ...plain, width: 120 });
  t.equal(
    text.slice(0, text.indexOf('\n\ngeneral protection')).replace(/run \S+:/, 'run ID:'),
    [
      'controls held (2 of 2); 9 of 11 attempts that could run finished, 3 unexpected; 1 attempt skipped for want of 1 kernel',
      'run ID: profile smoke, seed 407, kmatrix 0.1.0',
      `QEMU 7.2.22, tcg (no /dev/kvm), ${cpus().length} CPUs`,
      '',
      'kernel       lifecycle                  netns-churn',
      '───────────  ─────────────────────────  ─────────────',
      'vanilla-3.2  oops 2/5 (5-85 %) 3.3 s !  unsupported !',
      'vanilla-3.8  stable 0/1 of 2            pending',
      'outcome, k/n attempts failing, 95 % interval, time to first report; ! not as expected',
      '',
      'rhel: unavailable: no tree was given',
      '',
      'features     setns',
      '───────────  ──────────',
      'vanilla-3.2  not probed',
      'vanilla-3.8  all 1',
    ].join('\n'),
  );
  t.match(text, /general protection fault in d_hash_and_lookup \[#407\]/);
});

t.test('below the table each report has an excerpt and the path of its console', async (t) => {
  const folder = await sampleRun(root);
  const text = renderTerminal(await withExcerpts(folder, await summarise(folder)), { ...plain, width: 200 });
  t.ok(text.includes('│ BUG: fault'));
  t.ok(text.includes('\\u{1b}[31mred'), 'escaped');
  t.notOk(text.includes('\u001b'));
  t.ok(text.includes('results/RUN/consoles/vanilla-3.2__lifecycle--0.log:2'));
  t.match(text, /oops, 2 reports in 2 attempts, decided 2 of 2, 2 not as expected; on vanilla-3\.2/);
  t.match(
    text,
    /netns-churn unsupported: it was unsupported; on vanilla-3\.2/,
    'what has no report has a reason',
  );
});

t.test('no line is wider than the terminal where the words allow it', async (t) => {
  const summary = await summarise(await sampleRun(root));
  for (const width of [60, 80, 100]) {
    // a path isn't broken: it would lead nowhere
    const lines = renderTerminal(summary, { ...plain, width })
      .split('\n')
      .filter((line) => !line.includes('consoles/'));
    t.ok(
      lines.every((line) => line.length <= width),
      `${width}: ${lines.map((line) => line.length)}`,
    );
  }
});

t.test('colour comes only when asked for', async (t) => {
  const summary = await summarise(await sampleRun(root));
  t.notOk(renderTerminal(summary, { ...plain, width: 100 }).includes('\u001b['));
  t.ok(renderTerminal(summary, { ...plain, width: 100, color: true }).includes('\u001b['));
});

t.test('hostile guest text can break neither a table nor a terminal nor Markdown', async (t) => {
  const evil = `|\`\`\`\n# head <script>\u001b[2J\u202e @user [x](javascript:a) ${'w'.repeat(5000)} \u0000`;
  const folder = await sampleRun(root, async (run) => {
    await run.append(
      anAttempt('vanilla-3.8/netns-churn', 0, 'oops', {
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
      config: evil,
      purity: evil,
    });
  });
  const summary = await withExcerpts(folder, await summarise(folder));
  const terminal = renderTerminal(summary, { ...plain, width: 100 });
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
  const [first] = summary.reports;
  t.ok(first);
  const title = 'a\u009b2Jb\u202ec\u007fd\u{e0001}';
  const json = renderJson({ ...summary, reports: first === undefined ? [] : [{ ...first, title }] });
  t.notMatch(json, /(?!\n)[\p{Cc}\p{Cf}]/u, 'C1 controls and overrides are escapes in JSON too');
  t.equal(JSON.parse(json).reports[0].title, title, 'and it parses to the same');
});
