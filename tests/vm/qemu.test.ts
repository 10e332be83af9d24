import t from 'tap';
import { HostError } from '../../harness/errors.js';
import { findQemu, parseQemuVersion } from '../../harness/vm/qemu.js';

t.test('the version is read, whoever packaged it', async (t) => {
  t.equal(
    parseQemuVersion('QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright'),
    '7.2.22',
  );
  t.equal(parseQemuVersion('QEMU emulator version 10.0.2'), '10.0.2');
  t.equal(parseQemuVersion('GNU bash, version 5.2.15'), undefined);
});

t.test('finds the QEMU of this host', async (t) => {
  const { version } = await findQemu();
  t.match(version, /^\d+\.\d+/);
});

for (const [binary, what] of [
  ['kmatrix-no-such-program', /does not start/],
  ['true', /names no version/],
] as const) {
  t.test(`${binary} is no QEMU, and the remedy is told`, async (t) => {
    t.intercept(process, 'env', { value: { ...process.env, KMATRIX_QEMU: binary } });
    const error = await findQemu().catch((thrown: unknown) => thrown);
    if (!(error instanceof HostError)) return t.fail('no HostError');
    t.match(error.message, what);
    t.equal(error.where, binary);
    t.match(error.remedy, /doctor/);
  });
}
