import process from 'node:process';
import t from 'tap';
import { probeKvm } from '../../harness/vm/probe-kvm.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { hostOfSort } from '../stand-ins/stand-in.js';
import { kmatrix } from './kmatrix.js';

const environment = (cache: string, sort: Parameters<typeof hostOfSort>[0]) => ({
  env: { ...hostOfSort(sort), KMATRIX_CACHE: cache },
});

t.test('doctor shows what is remembered of KVM and when it was found, and forgets it', async (t) => {
  const host = environment(t.testdir({}), 'works');
  t.intercept(process, 'env', { value: { ...process.env, ...host.env } });
  // by an earlier command, which had more time than a busy host may need
  t.match(await probeKvm(await findQemu(), { deadlineSeconds: 600 }), { works: true });
  const { stdout } = await kmatrix(['doctor'], host);
  t.match(stdout, /^accelerator kvm: .* KVM [\d.]+ ms per round, TCG [\d.]+ ms$/m);
  t.match(
    stdout,
    /^KVM +probed 20\d\d-\d\d-\d\d \d\d:\d\d UTC; remembered until .* \(kmatrix doctor --forget/m,
  );
  const first = JSON.parse((await kmatrix(['doctor', '--json'], host)).stdout);
  t.match(first.kvm, { works: true, source: 'remembered', kvmMs: Number, tcgMs: Number });
  t.match(stdout, first.acceleratorReason, 'the same figures');
  const { stdout: again, stderr } = await kmatrix(['doctor', '--forget', '--json'], host);
  t.match(stderr, '1 finding about KVM forgotten');
  t.not(JSON.parse(again).kvm.at, first.kvm.at, 'found anew');
});

t.test('doctor says that the result of a probe whose time was up is not kept', async (t) => {
  const { stdout } = await kmatrix(['doctor'], environment(t.testdir({}), 'first-instructions'));
  t.match(
    stdout,
    /^accelerator tcg: .* real mode ran, protected mode never came; TCG runs all of it, [\d.]+ ms/m,
  );
  t.match(stdout, /^KVM +probed now; the result is not kept: the next command probes again$/m);
});

t.test('without the device nothing is probed', async (t) => {
  const { stdout } = await kmatrix(['doctor'], environment(t.testdir({}), 'no-device'));
  t.match(stdout, /^accelerator tcg: \/dev\/no-kvm is absent$/m);
  t.match(stdout, /^KVM +not probed$/m);
});
