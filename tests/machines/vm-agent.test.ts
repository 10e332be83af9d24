import { basename, dirname } from 'node:path';
import t from 'tap';
import { AgentSession } from '../../harness/guest/index.js';
import { sha256File } from '../../harness/host/hash.js';
import { buildGuest } from '../../harness/images/guest-build.js';
import { buildImage } from '../../harness/images/initramfs.js';
import { awaitProgress, bootLimits, Machine, slowness } from '../../harness/vm/index.js';
import { testMachine } from './vm-fixture.js';

t.test('the real agent gets ready, runs a workload, and powers off', async (t) => {
  const guest = await buildGuest();
  const spec = await testMachine(t.testdir(), 'off');
  const image = await buildImage({
    kernel: {
      id: await sha256File(spec.bzImage),
      release: basename(spec.bzImage).replace('vmlinuz-', ''),
      folder: dirname(spec.bzImage),
      bzImage: spec.bzImage,
      provenance: 'the kernel of the machine tests',
      seconds: 0,
    },
    guest,
    modules: [],
  });
  await using machine = await Machine.start({ ...spec, initramfs: image.initramfs, bootArguments: [] });
  const session = new AgentSession(machine.channel);
  const boot = await awaitProgress(session.ready(), () => machine.console.lastByteAt, bootLimits('tcg'));
  if (boot.end !== 'reached' || boot.value === null)
    return t.fail(`no ready: ${machine.console.text().slice(-2000)}`);
  const factor = slowness(boot.value.calibrationNs, await guest.calibrateOnHost());
  t.comment(
    `${boot.value.release} ready after ${boot.seconds.toFixed(1)} s, ${factor.toFixed(1)} times slower`,
  );
  t.ok(factor >= 1);

  const order = {
    seed: 1,
    iterations: 2,
    time: Math.floor(Date.now() / 1000),
    entropy: '00'.repeat(32),
    args: {},
  };
  session.start({ workload: 'burn', ...order });
  t.match(await session.done(), { status: 'passed', iterations: 2, stopped: false });
  t.equal(session.garbledFrames, 0);
  t.equal(session.missingFrames, 0);
  session.poweroff();
  t.match(await machine.exit, { how: 'done' });
});
