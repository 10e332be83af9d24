import t from 'tap';
import { bootWords } from '../../harness/diagnosis/boot-words.js';
import { classify } from '../../harness/diagnosis/classify.js';
import { judge } from '../../harness/diagnosis/judge.js';
import type { Observations } from '../../harness/diagnosis/types.js';

const passed = { status: 'passed', signal: 0, iterations: 100, stopped: false, reason: '' } as const;
const base: Observations = {
  ready: true,
  boot: null,
  done: passed,
  end: 'done',
  trouble: '',
  longestGapSeconds: 1,
  cameBack: false,
};
const outcome = (console: string, conversation: Partial<Observations> = {}): string =>
  judge(classify(console), { ...base, ...conversation }).outcome;

const oops =
  'BUG: kernel NULL pointer dereference, address: 0000000000000008\nRIP: 0010:mntput+0x9/0x20\n---[ end trace 1 ]---\n';
const warning = 'WARNING: CPU: 0 PID: 1 at fs/x.c:1 some_function+0x1/0x2\n';

t.test('an infrastructure failure is never an outcome of the kernel', async (t) => {
  t.equal(outcome(oops, { done: null, end: 'harness', trouble: 'disk full' }), 'harness-error');
  t.equal(
    outcome('', { ready: false, done: null, end: 'exited', trouble: 'qemu: no such device' }),
    'harness-error',
  );
});

t.test('a panic that only a setting made of an oops is that oops', async (t) => {
  t.equal(outcome(oops, { done: null, end: 'exited' }), 'oops');
  t.equal(
    outcome(`${oops}Kernel panic - not syncing: Fatal exception\n`, { done: null, end: 'exited' }),
    'oops',
  );
  t.equal(outcome(`${oops}Kernel panic - not syncing: Fatal exception in interrupt\n`), 'panic');
  t.equal(
    outcome('Kernel panic - not syncing: sysrq triggered crash\n', { done: null, end: 'exited' }),
    'panic',
  );
  t.equal(
    outcome(`${oops}Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009\n`),
    'panic',
  );
});

t.test('lockups, silence and a machine that resets itself', async (t) => {
  const soft = 'watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [x:123]\nRIP: 0010:copy_tree+0x1/0x2\n';
  t.equal(outcome(soft, { done: null, end: 'silent' }), 'lockup');
  t.equal(outcome(`${soft}Kernel panic - not syncing: softlockup: hung tasks\n`), 'lockup');
  t.equal(outcome('', { done: null, end: 'silent' }), 'freeze');
  t.equal(outcome('', { done: null, end: 'exited' }), 'panic');
});

t.test(
  'a machine that stops before a kernel said its name is no freeze; after that it is one at boot',
  async (t) => {
    const stopped = (console: string, conversation: Partial<Observations> = {}) =>
      judge(classify(console), {
        ...base,
        ...{ ready: false, done: null, end: 'silent', boot: bootWords(console) },
        ...conversation,
      });
    const stub = 'SeaBIOS (version 1.16.2)\nBooting from ROM..\nProbing EDD (edd=off to disable)... ok\n';
    t.match(stopped(stub), {
      outcome: 'harness-error',
      reason: /^the machine stopped before any kernel printed its version: .*“Probing EDD .* ok”$/,
    });
    for (const end of ['silent', 'exited', 'stuck'] as const)
      t.equal(stopped('', { end }).outcome, 'harness-error', `${end}, with an empty console`);
    const banner = `${stub}[    0.000000] Linux version 3.7.0 (kmatrix@build) #1 SMP\n`;
    const calibrating = `${banner}[    0.012000] Calibrating delay loop... \n`;
    t.match(stopped(calibrating), {
      outcome: 'freeze',
      reason: 'stopped at boot: silent without a report, the last line is “Calibrating delay loop...”',
    });
    t.match(stopped(calibrating, { end: 'exited' }), {
      outcome: 'harness-error',
      reason: /^stopped at boot: /,
    });
    t.match(stopped(calibrating, { end: 'stuck' }), {
      outcome: 'operation-failed',
      reason: /^stopped at boot: /,
    });
    const panic = "[    0.5] Kernel panic - not syncing: IO-APIC + timer doesn't work!\n";
    t.match(stopped(`${calibrating}${panic}`, { end: 'exited' }), {
      outcome: 'panic',
      reason: /^stopped at boot: .*IO-APIC/,
    });
    t.match(stopped(calibrating, { end: 'harness', trouble: 'disk full' }), {
      outcome: 'harness-error',
      reason: 'disk full',
    });
    t.match(judge([], { ...base, done: null, end: 'silent' }), { outcome: 'freeze' }, 'one that was ready');
  },
);

t.test('warnings and a memory cgroup that did its work decide nothing', async (t) => {
  t.equal(outcome(warning), 'stable');
  t.equal(judge(classify(warning), base).reports.length, 1);
  t.equal(outcome('Memory cgroup out of memory: Killed process 9 (x)\n'), 'stable');
  t.equal(outcome('Out of memory: Killed process 9 (x)\n'), 'operation-killed');
});

t.test("the workload's own end counts where the console is silent", async (t) => {
  const done = (status: 'failed' | 'killed' | 'unsupported'): Partial<Observations> => ({
    done: { ...passed, status, signal: status === 'killed' ? 9 : 0, reason: 'because' },
  });
  t.equal(outcome('', done('failed')), 'operation-failed');
  t.equal(outcome('', done('killed')), 'operation-killed');
  t.equal(outcome(oops, done('killed')), 'oops');
  t.equal(outcome('', done('unsupported')), 'unsupported');
  t.equal(outcome('', { done: null, end: 'deadline' }), 'stable');
  t.equal(outcome('', { done: null, end: 'stuck' }), 'operation-failed');
  t.equal(outcome(''), 'stable');
});
