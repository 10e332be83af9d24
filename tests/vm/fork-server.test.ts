import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { buildForkLibrary } from '../../harness/vm/fork-library.js';
import { ForkServer } from '../../harness/vm/fork-server.js';
import { launchQemu, type QemuProcess } from '../../harness/vm/launch.js';
import { until } from '../cli/kmatrix.js';
import { isAlive } from '../machines/vm-console.js';

const library = await buildForkLibrary(new AbortController().signal);
const source = join(projectRoot, 'tests', 'fixtures', 'fork', 'threads.c');

/** What a process says next on one of its lines. */
async function answer({ qmp, console, channel }: QemuProcess, letter: string): Promise<string> {
  const line = letter === 'c' ? channel : console;
  qmp.write(letter);
  const [bytes]: Buffer[] = await once(line, 'data');
  return String(bytes).trim();
}

async function original(t: Test, program: string, from = library) {
  const server = new ForkServer(from);
  const process = launchQemu(program, [], { forkServer: server });
  t.teardown(async () => {
    server[Symbol.dispose]();
    await process.ended;
  });
  await once(process.console, 'data');
  t.match(await answer(process, 'c'), /^calls 1 in \d+, thread 2$/);
  return { server, process };
}

for (const compiler of ['musl-gcc', 'gcc']) {
  t.test(`copies of a program of two threads, ${compiler}`, async (t) => {
    const program = join(t.testdir(), 'threads');
    const words = ['-pthread', '-O1', '-Wall', '-Werror', '-o', program, source];
    const { failed, stderr } = await execa(compiler, words, { reject: false });
    if (failed && /stdio\.h: No such file/.test(stderr)) {
      return void (await t.test('with glibc', { skip: 'libc6-dev is missing' }, () => {}));
    }
    t.notOk(failed, stderr);

    await t.test('each has all threads, its own memory, its own lines', async (t) => {
      const { server, process } = await original(t, program);
      const [first, second] = await Promise.all([server.copy(), server.copy()]);
      t.ok(server.isInUse);
      t.equal(await answer(first, 't'), `thread 0 in ${first.pid}, thread 1`, 'it makes and joins threads');
      // the other thread waits at the eventfd, which a copy renews as if somebody had called
      for (const { channel } of [first, second]) await once(channel, 'data');
      const heard = [await answer(first, 'c'), await answer(first, 'c'), await answer(second, 'c')];
      t.match(
        heard,
        [first, first, second].map(({ pid }) => new RegExp(`^calls \\d+ in ${pid}, thread 2$`)),
      );
      t.ok(isAlive(process.pid));
      first.qmp.write('q');
      t.same(await first.ended, { exitCode: 7, signal: null });
      t.ok(isAlive(second.pid));
      second.kill();
      t.same(await second.ended, { exitCode: null, signal: 'SIGKILL' });
      t.notOk(server.isInUse);
    });

    await t.test('the original may make processes, a copy may not', async (t) => {
      const { server, process } = await original(t, program);
      t.match(await answer(process, 'f'), /^fork 0 in/);
      const copy = await server.copy();
      // EPERM (errno(3))
      t.match(await answer(copy, 'f'), /^fork 1 in/);
      t.match(await answer(copy, 'e'), /^exec 1 in/);
      t.match(await answer(copy, 'n'), /^unshare 1 in/);
      t.match(await answer(copy, 'b'), /^blocking 0 in/, 'its lines are as the original had them');
      copy.kill();
      await copy.ended;
    });

    await t.test('an illegal instruction still ends it', async (t) => {
      const { server } = await original(t, program);
      const copy = await server.copy();
      copy.qmp.write('i');
      t.same(await copy.ended, { exitCode: null, signal: 'SIGILL' });
    });

    await t.test('copies end with the original, and there are no more', async (t) => {
      const { server, process } = await original(t, program);
      const copy = await server.copy();
      const closed = once(copy.console.resume(), 'close');
      process.kill();
      t.same(await copy.ended, { exitCode: null, signal: 'SIGKILL' });
      await closed;
      // an orphan's end is init's to collect, which takes its time on a busy host
      await until(async () => (isAlive(copy.pid) ? undefined : true));
      await t.rejects(server.copy(), { name: 'HostError', message: /can't be copied: QEMU ended/ });
    });

    await t.test('a program that did not load the library says so', async (t) => {
      const { server } = await original(t, program, '/nowhere/fork-server.so');
      await t.rejects(server.copy(), { message: /did not load the library/ });
    });
  });
}

t.test('another process may connect, and is no line', async (t) => {
  const program = join(t.testdir(), 'threads');
  await execa('musl-gcc', ['-pthread', '-o', program, source]);
  const { server, process } = await original(t, program);
  // the address is there for all to see
  const script = `
    const [address] = require('node:fs').readFileSync('/proc/net/unix', 'latin1').match(/@kmatrix-${process.pid}-\\S+/);
    const socket = require('node:net').connect('\\0' + address.slice(1));
    socket.on('close', () => process.exit(0)).on('connect', () => console.log('connected')).on('error', () => {});`;
  const intruder = execa(globalThis.process.execPath, ['-e', script], { buffer: false });
  await once(intruder.stdout, 'data');
  const copy = await server.copy();
  t.equal(await answer(copy, 't'), `thread 0 in ${copy.pid}, thread 1`);
  await intruder;
  copy.kill();
  await copy.ended;
});
