import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
import { FatalText } from '../../harness/diagnosis/fatal-text.js';
import { fatalIn, fatalRules } from '../../harness/diagnosis/fatal-words.js';
import type { Report } from '../../harness/diagnosis/types.js';
import { projectRoot } from '../../harness/host/project.js';
import { posixPattern, withFatalPatterns } from '../../harness/repro/bundle/fatal-patterns.js';
import { fixtures } from '../diagnosis/fixture.js';
import { oops407 } from './bundle-fixture.js';

const source = readFileSync(join(projectRoot, 'harness/repro/bundle/run.sh'), 'utf8');
const script = withFatalPatterns(source);

/** What is fatal by the classifier: kinds of reports that end an attempt. */
function byClassifier(console: string): 'none' | 'oops' | 'panic' {
  const reports = classify(console);
  if (reports.some((report) => report.kind === 'panic')) return 'panic';
  const isFatal = ({ kind, title }: Report): boolean =>
    ['oops', 'soft-lockup', 'hard-lockup'].includes(kind) || title.startsWith('kernel BUG');
  return reports.some(isFatal) ? 'oops' : 'none';
}

/** What the watcher sees when the bytes come in pieces of this size. */
function byWatcher(console: string, size: number): 'none' | 'oops' | 'panic' {
  const fatal = new FatalText();
  for (let at = 0; at < console.length; at += size) fatal.feed(console.slice(at, at + size));
  return fatal.seen;
}

/** What a bundle's script sees: its own words and function, in a real shell with a real grep, after its own cat. */
function byScript(console: string): boolean {
  const from = script.indexOf('fatal_words=');
  const words = script.slice(from, script.indexOf('\n}\n', from) + 3);
  const loop = `set -u
${words}
cat -v | { while IFS= read -r line; do line=\${line%^M}; if is_fatal "$line"; then echo fatal; fi; done; }`;
  return execFileSync('sh', ['-c', loop], { input: Buffer.from(console, 'latin1') }).includes('fatal');
}

const consoles = [...fixtures, { name: "a bundle's oops", console: oops407 }];

for (const { name, console } of consoles) {
  t.test(`watcher, classifier and script agree on ${name}`, async (t) => {
    const expected = byClassifier(console);
    t.equal(fatalIn(console), expected, 'at once');
    for (const size of [1, 7, 64, 4096]) t.equal(byWatcher(console, size), expected, `in pieces of ${size}`);
    t.equal(byScript(console), expected !== 'none', 'script');
  });
}

t.test('fixtures hold every answer, so that agreement says something', async (t) => {
  t.same([...new Set(consoles.map(({ console }) => byClassifier(console)))].sort(), [
    'none',
    'oops',
    'panic',
  ]);
});

t.test('each rule that ends attempts counts anywhere, and POSIX can say it', async (t) => {
  for (const { pattern, anywhere } of fatalRules) {
    t.ok(anywhere, pattern.source);
    t.doesNotThrow(() => posixPattern(pattern.source));
  }
  t.throws(() => posixPattern('BUG (?!KASAN)'), { name: 'HarnessBug' });
  t.throws(() => posixPattern('Oops\\b'), { name: 'HarnessBug' });
  t.equal(
    posixPattern('a(?:b|(?<fn>\\w+))[^\\n]{0,9}?\\[#\\d+\\](?= at|$)'),
    'a(b|([A-Za-z0-9_]+)).*\\[#[0-9]+\\]( at|$)',
  );
});

t.test("the script's words are put in whole, and it stays a script", async (t) => {
  t.notMatch(script, /@[A-Z_]+@/);
  const names = [
    'FATAL_HEADS',
    'FATAL_WORDS',
    'FAULT_OF_USER',
    'OPEN_QUOTATION',
    'OPEN_BRACKET',
    'CLOSED_BRACKET',
  ];
  t.same(
    [...source.matchAll(/@([A-Z_]+)@/g)].map(([, name]) => name).toSorted(),
    names.toSorted(),
    'each once',
  );
  for (const name of names) {
    const without = withFatalPatterns(source.replace(`@${name}@`, ''));
    t.ok(without.length < script.length, `${name} stands for something`);
  }
  execFileSync('sh', ['-n'], { input: script });
});

t.test('what was seen stays seen, and panic outranks', async (t) => {
  const fatal = new FatalText();
  t.notOk(fatal.feed('[    1.0] quiet\n'));
  t.ok(fatal.feed('[    2.0] Oops: 0000 [#1] SMP\n'));
  t.notOk(fatal.feed('[    3.0] Oops: 0000 [#2] SMP\n'), 'nothing new');
  t.notOk(fatal.feed('[    4.0] Kernel pan'));
  t.ok(fatal.feed('ic - not syncing: Fatal exception\n'), 'cut in two');
  t.equal(fatal.seen, 'panic');
});
