import t from 'tap';
import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { slowness } from '../../harness/vm/limits.js';
import { guestMachine, order } from './guest-machine.js';

t.test('the real agent gets ready, runs a workload, and powers off', async (t) => {
  await using guest = await guestMachine(t, []);
  const { machine, session, ready } = guest;
  const factor = slowness(ready.calibrationNs, await (await buildGuest()).calibrateOnHost());
  t.comment(`${factor.toFixed(1)} times slower than this host`);
  t.ok(factor >= 1);
  session.start(order('burn', 2));
  t.match(await session.done(), { status: 'passed', iterations: 2, stopped: false });
  t.equal(session.garbledFrames, 0);
  t.equal(session.missingFrames, 0);
  session.poweroff();
  t.match(await machine.exit, { how: 'done' });
});
