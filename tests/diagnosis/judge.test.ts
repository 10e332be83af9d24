import t from 'tap';
import { bootWords } from '../../harness/diagnosis/boot-words.js';
import { classify } from '../../harness/diagnosis/classify.js';
import { judge } from '../../harness/diagnosis/judge.js';
import { oomsOf } from '../../harness/diagnosis/oom-victims.js';
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

const oomOf = (...victims: string[]): string =>
  victims
    .map(
      (victim, at) =>
        `[   4${at}.000000] dpkg invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0\n` +
        `[   4${at}.000100] Out of memory: Kill process 77 (km-hog) score 1000 or sacrifice child\n` +
        `[   4${at}.000200] Killed process ${victim} total-vm:260000kB, anon-rss:250000kB, file-rss:4kB\n`,
    )
    .join('');

const withHog = (console: string, conversation: Partial<Observations> = {}) => {
  const reports = classify(console);
  const loadsOwn = oomsOf(console, reports, [{ pid: 77, name: 'km-hog' }]);
  return judge(reports, { ...base, loadsOwn, ...conversation });
};

t.test(
  'an OOM that takes only the load’s own hog decides nothing, and the attempt its own verdict',
  async (t) => {
    const own = oomOf('77 (km-hog)', '77 (km-hog)');
    t.match(withHog(own), { outcome: 'stable', decisive: null, reports: [{ kind: 'oom' }, { kind: 'oom' }] });
    const failed = { ...passed, status: 'failed', reason: 'less has no files' } as const;
    t.match(withHog(own, { done: failed }), { outcome: 'operation-failed', reason: 'less has no files' });
    const killed = { ...passed, status: 'killed', signal: 9 } as const;
    t.match(withHog(own, { done: killed }), {
      outcome: 'operation-killed',
      reason: 'workload killed by signal 9',
    });
    const newer =
      '[   40.000000] dpkg invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n' +
      '[   40.000200] Out of memory: Killed process 77 (km-hog) total-vm:9kB, anon-rss:8kB, UID:0 pgtables:44kB\n';
    t.equal(withHog(newer).outcome, 'stable');
  },
);

t.test('anybody else whom it takes is a finding: by pid, by name, a child, or unnamed', async (t) => {
  for (const victims of [['78 (km-hog)'], ['77 (dpkg)'], ['77 (km-hog)', '90 (dpkg)'], ['770 (km-hog)']])
    t.match(
      withHog(oomOf(...victims)),
      { outcome: 'operation-killed', reason: /out of memory/ },
      victims.join(),
    );
  const [cut = ''] = oomOf('77 (km-hog)').split('[   40.000100]');
  t.equal(withHog(cut).outcome, 'operation-killed', 'the kernel’s words for whom it took are lost');
  const quoted = oomOf('90 (dpkg)').replace(
    'Killed',
    'note: Killed process 77 (km-hog) total-vm:1kB, Killed',
  );
  t.equal(withHog(quoted).outcome, 'operation-killed');
  t.equal(outcome(oomOf('77 (km-hog)')), 'operation-killed', 'no hog told of itself');
});
