import t from 'tap';
import type { GuestFrame } from '../../harness/guest/types.js';
import { done, limits, machine, watched } from './watched-machine.js';

t.test('a panicked kernel that does not reboot is over once it is quiet, beats or not', async (t) => {
  const m = machine();
  m.fallSilent();
  m.after(1, () => m.say('Kernel panic - not syn'));
  m.after(2, () => m.say('cing: Fatal exception\n'));
  m.after(4, () => m.say('more\n'));
  t.same(await watched(m, 60), { end: 'exited', at: 7 });
  t.notOk(m.calls.includes('look'), 'its silence needs no second look');
});

t.test('an oops while the machine is looked at does not end the look', async (t) => {
  const m = machine({
    look: () => new Promise((resolve) => m.after(30, () => resolve('frozen'))),
  });
  m.fallSilent();
  m.after(12, () => m.say('general protection fault: 0000 [#1] SMP\n'));
  t.same(await watched(m, 60), { end: 'silent', at: 40 });
});

t.test('an oops is followed by a grace in which the workload may still finish', async (t) => {
  const m = machine();
  m.after(2, () => m.say('general protection fault: 0000 [#1] SMP\n'));
  m.after(9.9, () => m.send(done));
  t.same(await watched(m, 20), { end: 'done', at: 9.9 });
});

t.test('an oops after which nothing ends is ended by us', async (t) => {
  const m = machine();
  m.after(2, () => m.say('general protection fault: 0000 [#1] SMP\n'));
  t.same(await watched(m, 20), { end: 'stuck', at: 10 });
});

t.test(
  'where the report is all that is wanted, quiet after it ends the attempt, and nothing is looked at',
  async (t) => {
    const m = machine();
    m.after(1, () => m.say('[    1.0] Oops: 0000 [#1] SMP\n'));
    m.after(1.2, () => m.say('[    1.0] Call Trace:\n'));
    t.same(await watched(m, 30, { ...limits, reportQuietSeconds: 0.3 }), { end: 'stuck', at: 1.5 });
    t.notOk(m.calls.includes('look'));
  },
);

t.test('a workload that the agent refuses to start is our failure, at once', async (t) => {
  const m = machine();
  m.after(1.5, () => m.send({ type: 'refused', reason: 'the slot holds nothing' }));
  t.same(await watched(m, 3), { end: 'harness', at: 1.5 });
});

t.test('nothing is refused once the workload runs, nor after a report', async (t) => {
  const refused: GuestFrame = { type: 'refused', reason: 'said by a workload' };
  const runs = machine();
  runs.advance();
  runs.after(1.5, () => runs.send(refused));
  runs.after(2.5, () => runs.send(done));
  t.same(await watched(runs, 3), { end: 'done', at: 2.5 });
  const oopsed = machine();
  oopsed.after(1.2, () =>
    oopsed.say('[    3.0] BUG: unable to handle kernel NULL pointer dereference at 0\n'),
  );
  oopsed.after(1.5, () => oopsed.send(refused));
  t.match(await watched(oopsed, 30), { end: 'stuck' });
});
