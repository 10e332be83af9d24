import process from 'node:process';
import fc from 'fast-check';
import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
import { excerpt } from '../../harness/diagnosis/excerpt.js';
import { toJson } from '../../harness/diagnosis/to-json.js';

const oops = [
  '[   12.000001] BUG: unable to handle kernel NULL pointer dereference at 0000000000000008',
  '[   12.000002] IP: [<ffffffff81171a31>] d_hash_and_lookup+0x71/0x80',
  '[   12.000003] Oops: 0000 [#1] SMP',
  '[   12.000004] Pid: 412, comm: apt-get Not tainted 3.2.71 #1',
  '[   12.000005] RIP: 0010:[<ffffffff81171a31>]  [<ffffffff81171a31>] d_hash_and_lookup+0x71/0x80',
  '[   12.000006] Call Trace:',
  '[   12.000007]  [<ffffffff811c1234>] proc_flush_task+0xa4/0x1b0',
  '[   12.000008]  [<ffffffff81068912>] release_task+0x32/0x480',
  '[   12.000009] ---[ end trace 4eaa2a86a8e2da22 ]---',
];
const shards = [
  ...oops,
  'Kernel panic - not syncing: Fatal exception',
  'INFO: rcu_sched self-detected stall on CPU',
  '\r',
  '\x1b[31m',
  '<4>',
  '** 7 printk messages dropped **',
];

const inRange = (text: string): boolean => {
  const lines = text.split('\n').length;
  return classify(text).every(
    ({ line, endLine }, index, all) =>
      line >= 1 && endLine >= line && endLine <= lines && line >= (all[index - 1]?.line ?? 0),
  );
};

t.test('never throws and never points outside the text', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) =>
      inRange(Buffer.from(bytes).toString('latin1')),
    ),
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...shards), fc.string()), { maxLength: 60 }),
      fc.constantFrom('', '\n', '\r\n', ' '),
      fc.nat(3000),
      (pieces, glue, cut) => inRange(pieces.join(glue).slice(0, cut)),
    ),
  );
});

t.test('reads a carriage return at line ends and a caller id like the plain text', async (t) => {
  const [plain] = classify(oops.join('\n'));
  const [windows] = classify(oops.join('\r\n'));
  const [called] = classify(oops.map((line) => line.replace('] ', '][  T412] ')).join('\n'));
  t.equal(plain?.signature, 'oops:d_hash_and_lookup<proc_flush_task<release_task');
  t.equal(windows?.signature, plain?.signature);
  t.equal(called?.signature, plain?.signature);
});

t.test('signs an event the same whatever addresses, offsets and pids', async (t) => {
  const other = oops
    .join('\n')
    .replaceAll('ffffffff811', 'ffffffffa22')
    .replaceAll('412', '99')
    .replaceAll('+0x71', '+0x5a');
  t.equal(classify(other)[0]?.signature, classify(oops.join('\n'))[0]?.signature);
});

t.test('takes time linear in the text, one line of megabytes included', async (t) => {
  const cpu = (text: string): number => {
    const start = process.cpuUsage();
    classify(text);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  for (const piece of [
    'BUG: ',
    `${oops.join(' ')} `,
    `${oops.join('\n')}\n`,
    'INFO: task a',
    '[<ffffffff',
    '\x1b[',
  ]) {
    const small = piece.repeat(Math.ceil(200_000 / piece.length));
    cpu(small);
    const one = Math.max(cpu(small), 2000);
    const eight = cpu(small.repeat(8));
    // Quadratic work would take 64 times as long; the margin is for a busy host.
    t.ok(eight < one * 32, `${JSON.stringify(piece.slice(0, 20))}: ${one} µs, eightfold ${eight} µs`);
  }
});

t.test(
  'a sentence that goes on after a headline is prose, the kernel in the middle of a line is not',
  async (t) => {
    const prose =
      'Every night we see BUG: soft lockup - CPU#1 stuck for 23s and then the watchdog reboots the box.\n';
    t.same(classify(prose), []);
    for (const words of [
      'Starting udevBUG: soft lockup - CPU#1 stuck for 23s! [udevd:77]',
      'mount: ok Unable to handle kernel NULL pointer dereference at virtual address 00000018',
      'mount: ok Unable to handle kernel pointer dereference in virtual kernel address space',
      'loading Kernel panic - not syncing: Attempted to kill the idle task!',
      'say("helloKernel panic - not syncing: Attempted to kill init!',
    ])
      t.equal(classify(`${words}\n`).length, 1, words);
  },
);

t.test('shows control characters in an excerpt and never emits them', async (t) => {
  const text = `quiet\n${oops[0]}\x1b]0;owned\x07\n${oops.slice(1).join('\n')}`;
  const [report] = classify(text);
  if (!report) return t.fail('no report');
  const shown = excerpt(text, report, 3);
  t.match(shown, /\\u\{1b\}/);
  t.notOk([...shown].some((character) => character < ' ' && character !== '\n'));
  t.match(shown, /… \d+ more lines$/);
});

t.test('gives scripts the documented fields and no others', async (t) => {
  const [report] = classify(oops.join('\n'));
  if (!report) return t.fail('no report');
  t.same(Object.keys(toJson(report)), [
    'kind',
    'title',
    'function',
    'signature',
    'knownIssue',
    'corrupted',
    'truncated',
    'line',
    'frames',
  ]);
});
