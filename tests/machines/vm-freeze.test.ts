import { join } from 'node:path';
import t from 'tap';
import { askTasks, confirmFrozen, Machine } from '../../harness/vm/index.js';
import { consoleSays } from './vm-console.js';
import { testMachine } from './vm-fixture.js';

t.test('registers, NMI and SysRq of a running kernel', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await consoleSays(machine, 'init is up');
  t.equal(await machine.isRunning(), true);
  const { cpus } = await machine.registers();
  t.equal(cpus.length, 2);
  for (const { rip } of cpus) t.match(rip, /^[0-9a-f]{16}$/);
  await machine.nmi();
  await consoleSays(machine, 'NMI received');
  await machine.sysrq('w');
  await consoleSays(machine, 'Show Blocked State');
});

t.test('a kernel whose user space is silent answers SysRq; a beat makes it slow', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await consoleSays(machine, 'init is up');
  const silent = await confirmFrozen(machine, { beats: () => 0 });
  t.match(silent, { verdict: 'answers-sysrq', frozen: true });
  t.match(silent.text, /CPU 0: RIP .*SysRq l:.*SysRq w:.*SysRq t:.*NMI:/s);
  let beats = 0;
  t.match(await confirmFrozen(machine, { beats: () => beats++ }), { verdict: 'slow', frozen: false });
});

t.test('a kernel that lives tells what its tasks wait for, and goes on', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await consoleSays(machine, 'init is up');
  const text = await askTasks(machine);
  t.match(text, /SysRq w:.*Show Blocked State.*SysRq t:.*Show State.*\binit\b.*Call Trace:/s);
  t.notMatch(text, 'no answer');
  t.equal(await machine.isRunning(), true);
  await machine.end();
  t.match(await askTasks(machine), /could not be asked/, 'one that ended doesn’t');
});

t.test('a machine that halts with interrupts off is dead', async (t) => {
  // hlt for ever, no kernel, nobody who answers
  const folder = t.testdir({ firmware: Buffer.alloc(64 * 1024, 0xf4) });
  const firmware = join(folder, 'firmware');
  const spec = await testMachine(folder, 'sleep');
  await using machine = await Machine.start(spec, { extraArguments: ['-bios', firmware] });
  // on a busy host its five bytes of code may not have run yet
  while ((await machine.registers()).cpus[0]?.halted !== true);
  const evidence = await confirmFrozen(machine, { beats: () => 0 });
  t.match(evidence, { verdict: 'dead', frozen: true });
  t.match(evidence.text, /CPU 0: RIP .*same as before.*halted, interrupts off/);
});

t.test('a guest that QEMU holds still, or that has ended, is not frozen', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await machine.qmp.execute('stop');
  t.match(await confirmFrozen(machine, { beats: () => 0 }), { verdict: 'paused', frozen: false });
  await machine.end();
  t.match(await confirmFrozen(machine, { beats: () => 0 }), { verdict: 'ended', frozen: false });
});
