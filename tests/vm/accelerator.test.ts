import t from 'tap';
import { HostError } from '../../harness/errors.js';
import { chooseAccelerator } from '../../harness/vm/accelerator.js';

const qemu = { binary: 'qemu-system-x86_64', version: '7.2.22' };
const works = async () => ({ works: true, reason: 'the probe guest’s loop takes KVM 2 ms per round' });
const broken = async () => ({ works: false, reason: 'long mode ran, user mode never came' });

t.test('auto trusts KVM only after the probe, and tells why', async (t) => {
  t.strictSame(await chooseAccelerator(qemu, 'auto', { probe: works }), {
    name: 'kvm',
    reason: 'the probe guest’s loop takes KVM 2 ms per round',
  });
  t.match(await chooseAccelerator(qemu, 'auto', { probe: broken }), { name: 'tcg', reason: /never came/ });
});

t.test('who asks for TCG gets it, unprobed', async (t) => {
  const probe = async () => t.fail('probed');
  t.match(
    await chooseAccelerator(qemu, 'tcg', { probe: async () => ({ works: await probe(), reason: '' }) }),
    {
      name: 'tcg',
    },
  );
});

t.test('KVM asked for by name, and broken, is an error', async (t) => {
  await t.rejects(chooseAccelerator(qemu, 'kvm', { probe: broken }), HostError);
});
