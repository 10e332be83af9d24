import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
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
  const range = `${issue}      - module: m\n        why: y\n    versions: {from: '3', before: '3.8'}\n`;
  t.equal(complaint(range), 'k.yml:9:22');
});

t.test('a version outside the range of an issue rules it out, wherever the text names it', async (t) => {
  const oops = (header: string): string =>
    [
      'BUG: unable to handle kernel NULL pointer dereference at 0000000000000010',
      'IP: [<ffffffff811712f4>] d_hash_and_lookup+0x24/0x90',
      'Oops: 0000 [#1] SMP',
      header,
      'Call Trace:',
      ' [<ffffffff811c7a11>] proc_flush_task+0x91/0x1d0',
      ' [<ffffffff8105b2f7>] release_task+0x37/0x4a0',
      '---[ end trace 1c0ffee2deadbeef ]---',
    ].join('\n');
  const issue = (text: string): string | null | undefined => classify(text)[0]?.knownIssue;
  for (const version of [
    '2.6.32-71.el6.x86_64',
    '2.6.38.8',
    '3.0.0-12-server',
    '3.7.10',
    '3.7.0-rc8+',
    '3.2.0-4-amd64',
  ])
    t.equal(issue(oops(`Pid: 9, comm: sh Not tainted ${version} #1 Bochs`)), '#407', version);
  for (const version of [
    '2.6.24',
    '2.6.31-22-generic',
    '3.8.0',
    '3.8.0-rc1',
    '3.10.0-1160.el7.x86_64',
    '4.4.0+',
    '6.1.0-13-amd64',
  ])
    t.equal(issue(oops(`CPU: 0 PID: 9 Comm: sh Tainted: G        W  ${version} #1 Bochs`)), null, version);
  t.equal(issue(oops('Pid: 9, comm: sh')), '#407', 'the text names none: the frames decide');
  const boot = (version: string): string => `Linux version ${version} (root@host) (gcc) #1 SMP\nquiet\n`;
  t.equal(issue(boot('5.10.0-28-amd64') + oops('Pid: 9, comm: sh')), null, 'the boot names it');
  t.equal(issue(boot('5.10.0') + boot('3.2.71') + oops('Pid: 9, comm: sh')), '#407', 'the last boot');
  t.equal(issue(boot('5.10.0') + oops('Pid: 9, comm: sh Not tainted 3.2.71 #1')), '#407', "the report's own");
  t.equal(issue(oops('Pid: 9, comm: 9.9.9 #1 Not tainted 3.2.71 #1')), '#407', 'a name that looks like one');
});

function complaint(source: string): string {
  try {
    parseKnownIssues(source, 'k.yml');
    return 'none';
  } catch (error) {
    return error instanceof UsageError ? (error.where ?? 'nowhere') : 'another error';
  }
}
