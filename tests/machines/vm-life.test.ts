import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { HostError } from '../../harness/errors.js';
import { endAllMachines, liveMachineCount } from '../../harness/vm/live-machines.js';
import { Machine } from '../../harness/vm/machine.js';
import { consoleSays, isAlive } from './vm-console.js';
import { testMachine } from './vm-fixture.js';

t.test('a machine boots, speaks, powers off: done, and nothing is left of it', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'off'));
  const { how, exitCode } = await machine.exit;
  t.equal(how, 'done');
  t.equal(exitCode, 0);
  t.match(machine.console.text(), /Linux version .*init is up.*Power down/s);
  t.comment(/Linux version \S+/.exec(machine.console.text())?.[0]);
  t.notOk(isAlive(machine.pid));
  t.equal(liveMachineCount(), 0);
});

t.test('a panic ends the machine, its last words read to the end', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'panic'));
  t.equal((await machine.exit).how, 'done');
  t.match(machine.console.text(), /Kernel panic - not syncing.*Rebooting in 1 seconds/s);
});

t.test('a flood keeps its beginning and its end', async (t) => {
  const block = 64 * 1024;
  const spec = await testMachine(t.testdir(), 'flood');
  await using machine = await Machine.start(spec, { consoleLimits: { headBytes: block, tailBytes: block } });
  await machine.exit;
  const text = machine.console.text();
  t.ok(machine.console.bytesSeen > 8 * block, `${machine.console.bytesSeen} bytes came`);
  t.ok(text.length < 2 * block + 200, `${text.length} are kept`);
  t.match(text, /Linux version .*bytes dropped here.*after the flood/s);
});

t.test('killed from outside, it died, and that is not the guest', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await once(machine.console, 'text');
  if (machine.pid === undefined) return t.fail('no process');
  process.kill(machine.pid, 'SIGKILL');
  t.match(await machine.exit, { how: 'died', signal: 'SIGKILL' });
});

t.test('SIGTERM from outside is no power-off either, though QEMU ends with 0', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await once(machine.console, 'text');
  if (machine.pid === undefined) return t.fail('no process');
  process.kill(machine.pid, 'SIGTERM');
  t.match(await machine.exit, { how: 'died', exitCode: 0, stderr: /terminating on signal 15/ });
});

t.test('quit ends it by itself; kill and the end of the block end it at once', async (t) => {
  const spec = await testMachine(t.testdir(), 'sleep');
  const quitted = await Machine.start(spec);
  t.match(await quitted.quit(), { how: 'killed', exitCode: 0 });
  let pid: number | undefined;
  {
    await using machine = await Machine.start(spec);
    pid = machine.pid;
    t.ok(isAlive(pid));
  }
  t.notOk(isAlive(pid));
});

t.test('a QEMU that is stopped is killed after the grace', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  if (machine.pid === undefined) return t.fail('no process');
  process.kill(machine.pid, 'SIGSTOP');
  t.match(await machine.quit(0.2), { how: 'killed', signal: 'SIGKILL' });
});

t.test('an abort in the middle of a boot kills it', async (t) => {
  const controller = new AbortController();
  const spec = await testMachine(t.testdir(), 'sleep');
  await using machine = await Machine.start(spec, { signal: controller.signal });
  await consoleSays(machine, 'Linux version');
  controller.abort();
  t.match(await machine.exit, { how: 'killed', signal: 'SIGKILL' });
});

t.test('an abort before QEMU is up is thrown, and no machine stays', async (t) => {
  const spec = await testMachine(t.testdir(), 'sleep');
  const controller = new AbortController();
  const starting = Machine.start(spec, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.rejects(starting, { message: 'enough' });
  await t.rejects(Machine.start(spec, { signal: controller.signal }), { message: 'enough' });
  t.equal(liveMachineCount(), 0);
});

t.test('all machines end at a word', async (t) => {
  const spec = await testMachine(t.testdir(), 'sleep');
  const machines = [await Machine.start(spec), await Machine.start(spec)];
  t.equal(liveMachineCount(), 2);
  endAllMachines();
  for (const machine of machines) t.equal((await machine.exit).how, 'killed');
  t.equal(liveMachineCount(), 0);
});

t.test('what QEMU says when it can not start is in the error', async (t) => {
  const spec = await testMachine(t.testdir(), 'off');
  const error = await Machine.start({ ...spec, bzImage: '/nonexistent/bzImage' }).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) return t.fail('no HostError');
  t.match(error.message, /nonexistent\/bzImage/);
  t.equal(liveMachineCount(), 0);
});

t.test('a QEMU that never takes commands is killed, and that is a bad start', async (t) => {
  const spec = await testMachine(t.testdir({ qemu: '#!/bin/sh\nexec sleep 600\n' }), 'off');
  const binary = join(t.testdirName, 'qemu');
  await chmod(binary, 0o755);
  await t.rejects(Machine.start({ ...spec, qemu: { ...spec.qemu, binary } }, { startSeconds: 0.5 }), {
    name: 'StartError',
    message: 'QEMU did not start: it took no commands for 0.5 s',
  });
});
