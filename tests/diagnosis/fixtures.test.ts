import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
import { fatalIn } from '../../harness/diagnosis/fatal-words.js';
import { fixtures } from './fixture.js';

for (const { name, expected, console } of fixtures) {
  t.test(`reads ${name} as its header says`, async (t) => {
    const reports = classify(Buffer.from(console, 'latin1'));
    const [first] = reports;
    const seen: Record<string, string> = {
      reports: String(reports.length),
      kind: first?.kind ?? '-',
      function: first?.function || '-',
      line: String(first?.line),
      knownIssue: first?.knownIssue ?? '-',
      corrupted: String(first?.corrupted),
      truncated: String(first?.truncated),
      pid: String(first?.pid),
      comm: first?.comm ?? '-',
      signature: first?.signature ?? '-',
      last: reports.at(-1)?.kind ?? '-',
      fatal: fatalIn(console),
    };
    t.ok(expected.size > 0, 'expects something');
    for (const [key, value] of expected)
      t.ok(value.split(' | ').includes(seen[key] ?? ''), `${key}: ${seen[key]}, expected ${value}`);
  });
}
