import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { classify } from '../../harness/diagnosis/index.js';
import { projectRoot } from '../../harness/host/project.js';

const folder = join(projectRoot, 'tests', 'diagnosis', 'fixtures');

/** A fixture: "key: value" lines of what is expected ("-" stands for nothing), a blank line, the console. */
for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  t.test(`reads ${file} as its header says`, async (t) => {
    const source = readFileSync(join(folder, file), 'latin1');
    const border = source.indexOf('\n\n');
    const expected = new Map(
      source
        .slice(0, border)
        .split('\n')
        .map((line): [string, string] => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
    );
    const reports = classify(Buffer.from(source.slice(border + 2), 'latin1'));
    const [first] = reports;
    const seen: Record<string, string> = {
      reports: String(reports.length),
      kind: first?.kind ?? '-',
      function: first?.function || '-',
      line: String(first?.line),
      knownIssue: first?.knownIssue ?? '-',
      corrupted: String(first?.corrupted),
      pid: String(first?.pid),
      comm: first?.comm ?? '-',
      signature: first?.signature ?? '-',
      last: reports.at(-1)?.kind ?? '-',
    };
    t.ok(expected.size > 0, 'expects something');
    for (const [key, value] of expected) t.equal(seen[key], value, key);
  });
}
