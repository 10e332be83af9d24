import t from 'tap';
import { knownIssues, parseKnownIssues } from '../../harness/diagnosis/known-issues.js';
import { UsageError } from '../../harness/errors.js';

t.test('the shipped issues load, each with a rule and a reason', async (t) => {
  t.same(
    knownIssues().map(({ id }) => id),
    ['control', '#407', 'LP#720095'],
  );
});

t.test('an error names line and column', async (t) => {
  const issue = 'issues:\n  - id: x\n    title: x\n    affected: x\n    fixed: x\n    match:\n';
  const wrongKind = `${issue}      - kinds: [opps]\n        module: m\n        why: y\n`;
  t.equal(complaint(wrongKind), 'k.yml:7:17');
  t.equal(complaint(`${issue}      - kinds: [oops]\n        why: y\n`), 'k.yml:7:9');
  t.match(complaint('issues: ['), /^k\.yml:1:/);
});

function complaint(source: string): string {
  try {
    parseKnownIssues(source, 'k.yml');
    return 'none';
  } catch (error) {
    return error instanceof UsageError ? (error.where ?? 'nowhere') : 'another error';
  }
}
