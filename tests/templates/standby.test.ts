import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { HostError } from '../../harness/errors.js';
import { Standby } from '../../harness/templates/standby.js';
import type { Template } from '../../harness/templates/template.js';
import { liveMachineCount } from '../../harness/vm/live-machines.js';
import type { MachineSpec } from '../../harness/vm/types.js';

const never = new AbortController().signal;
const program = fileURLToPath(new URL('pretend-qemu.js', import.meta.url));

const template: Template = {
  id: 'made-up',
  memory: '/nowhere',
  state: '/dev/null',
  bootSeconds: 2,
  slowness: 1,
  console: 'what it said while it booted\n',
  [Symbol.asyncDispose]: async () => {},
};

/** A machine whose kernel says this once it is restored, and whose agent never answers. */
async function standby(t: Test, said: string, then: 'end' | 'stay'): Promise<Standby> {
  const binary = join(t.testdir(), 'qemu');
  // the words on the command line are QEMU's; what it plays stands before them
  await writeFile(
    binary,
    `#!/bin/sh\nexec '${process.execPath}' '${program}' '${JSON.stringify(said)}' ${then} "$@"\n`,
  );
  await chmod(binary, 0o755);
  const spec: MachineSpec = {
    qemu: { binary, version: '7.2.22' },
    accelerator: 'tcg',
    bzImage: '/nowhere',
    initramfs: '/nowhere',
    shape: { cpus: 1, memoryMiB: 64 },
    bootArguments: [],
  };
  return await Standby.start(template, spec, never);
}

const oops = '[    9.1] Oops: 0000 [#1] SMP\n[    9.1] RIP: 0010:mntput+0x4/0x30\n';
const panic = '[    9.2] Kernel panic - not syncing: Fatal exception\n';

t.test(
  'what a kernel reports between being restored and answering is a finding of the attempt',
  async (t) => {
    // more than is read at a time, so that the last of it is still to come when the lines are closed
    const flood = 'a line of boot\n'.repeat(7000);
    for (const then of ['end', 'stay'] as const) {
      const opened = await (await standby(t, flood + oops + panic, then)).wake(performance.now(), never);
      t.match(opened, { start: 'template', boot: { ready: null, end: 'exited' }, readySeconds: null }, then);
      t.match(opened.machine.console.text(), /RIP: 0010:mntput/);
      t.equal(opened.earlier, template.console, 'beside what the boot said');
      await opened.machine.end();
    }
    t.equal(liveMachineCount(), 0);
  },
);

t.test(
  'a restored machine that ends without a report is a bad template, and its last words are told',
  async (t) => {
    const waiting = await standby(t, 'one\ntwo\nthree\n\u001b[31mfour\n', 'end');
    const error = await waiting.wake(performance.now(), never).catch((thrown: unknown) => thrown);
    t.ok(error instanceof HostError);
    t.match(String(error), /a restored machine did not answer; its last words: two \| three \| .*four/);
    t.notOk(String(error).includes('\u001b'), 'escaped: a guest said it');
    t.equal(liveMachineCount(), 0);
  },
);

t.test('an attempt that is interrupted meanwhile leaves no machine', async (t) => {
  const waiting = await standby(t, '', 'stay');
  const abort = new AbortController();
  const waking = waiting.wake(performance.now(), abort.signal);
  abort.abort(new Error('Ctrl-C'));
  await t.rejects(waking, { message: 'Ctrl-C' });
  t.equal(liveMachineCount(), 0);
});
