import { existsSync } from 'node:fs';
import t from 'tap';
import { HostError } from '../../harness/errors.js';
import { chooseAccelerator } from '../../harness/vm/accelerator.js';
import { runProbeGuest } from '../../harness/vm/probe-guest.js';
import { findQemu } from '../../harness/vm/qemu.js';

const works = async () => ({ works: true, reason: 'KVM ran a probe guest' });
const broken = async () => ({ works: false, reason: 'KVM never ran the probe guest within 5 s' });

t.test('the probe guest runs: TCG proves it', async (t) => {
  t.strictSame(await runProbeGuest(await findQemu(), 'tcg', 60), {
    works: true,
    reason: 'TCG ran a probe guest',
  });
});

t.test('a probe guest that never gets a processor is noticed', async (t) => {
  // 1 ms is over before QEMU is up
  const { works, reason } = await runProbeGuest(await findQemu(), 'tcg', 0.001);
  t.equal(works, false);
  t.match(reason, /never ran/);
});

t.test(
  'without the device, the probe says what QEMU says',
  { skip: existsSync('/dev/kvm') && 'this host has /dev/kvm' },
  async (t) => {
    const { works, reason } = await runProbeGuest(await findQemu(), 'kvm', 30);
    t.equal(works, false);
    t.match(reason, /KVM did not run the probe guest: .*KVM/);
  },
);

t.test('auto trusts KVM only after the probe, and tells why', async (t) => {
  const qemu = await findQemu();
  t.strictSame(await chooseAccelerator(qemu, 'auto', works), {
    name: 'kvm',
    reason: 'KVM ran a probe guest',
  });
  t.match(await chooseAccelerator(qemu, 'auto', broken), { name: 'tcg', reason: /never ran/ });
  t.match(await chooseAccelerator(qemu, 'tcg', works), { name: 'tcg' });
});

t.test('auto on this host gives an answer with a reason', async (t) => {
  const { name, reason } = await chooseAccelerator(await findQemu(), 'auto');
  t.comment(`${name}: ${reason}`);
  t.ok(reason);
  if (!existsSync('/dev/kvm')) t.strictSame({ name, reason }, { name: 'tcg', reason: '/dev/kvm is absent' });
});

t.test('KVM asked for by name, and broken, is an error', async (t) => {
  await t.rejects(chooseAccelerator(await findQemu(), 'kvm', broken), HostError);
});
