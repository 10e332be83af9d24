import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
import { AgentSession } from '../../harness/guest/agent.js';
import { catchMemory } from '../../harness/repro/bundle/catch-memory.js';
import { dumpGuestMemory } from '../../harness/repro/bundle/dump-guest-memory.js';
import { recordAttempt } from '../../harness/repro/bundle/record-attempt.js';
import { vmlinuxOf, writeBundle } from '../../harness/repro/bundle/write-bundle.js';
import { Machine } from '../../harness/vm/machine.js';
import { kmatrix } from '../cli/kmatrix.js';
import { oops407 } from '../repro/bundle-fixture.js';
import { attemptOf407, kernelWith407 } from './bundled-attempt.js';

t.setTimeout(1800_000);
const kernel = await kernelWith407();
const { signal } = new AbortController();
const startedAt = '2026-11-24T12:00:00Z';

if (kernel === undefined) {
  t.test('a crash is recorded and replayed', { skip: 'lacks a kernel with #407 in the cache' }, () => {});
} else {
  t.test(
    `a crash that was recorded replays to the same console, byte by byte (${kernel.release})`,
    async (t) => {
      const folder = t.testdir({ recording: {} });
      const { attempt, spec } = await attemptOf407(kernel, 'thread');
      const recording = await recordAttempt(attempt, spec, startedAt, join(folder, 'recording'), { signal });
      t.equal(recording.end, 'report');
      const report = recording.reports.find(({ knownIssue }) => knownIssue === '#407') ?? null;
      t.ok(report, 'the recorded console holds #407');
      t.comment(`recorded in ${recording.seconds.toFixed(1)} s, ${recording.bytes} bytes`);
      const console = await readFile(recording.console, 'utf8');
      const file = join(folder, 'b.tar.zst');
      await writeBundle({ attempt, spec, startedAt, console, report, recording }, file, signal);

      const { exitCode, stdout, stderr } = await kmatrix([
        'replay',
        file,
        '--trust',
        '--times',
        '2',
        '--json',
      ]);
      t.equal(exitCode, 0, stderr);
      const replayed = JSON.parse(stdout);
      t.equal(replayed.cameAgain, 2);
      for (const run of replayed.runs) {
        t.match(run, { how: 'replayed', sameConsole: true });
        t.match(run.reports, [{ knownIssue: '#407' }]);
      }

      // a log that was cut is noticed, and ends
      const cut = join(folder, 'cut.tar.gz');
      const log = await open(recording.log, 'r+');
      await log.truncate(Math.floor(recording.bytes / 2));
      await log.close();
      await writeBundle({ attempt, spec, startedAt, console, report, recording }, cut, signal);
      const other = await kmatrix(['replay', cut, '--trust']);
      t.equal(other.exitCode, 1, other.stderr);
      t.match(other.stderr, /the console differs from the recording/);
    },
  );

  t.test(`a report's memory is caught, and a silent arm's is not (${kernel.release})`, async (t) => {
    const folder = t.testdir();
    const thread = await attemptOf407(kernel, 'thread');
    const caught = await catchMemory(thread.attempt, thread.spec, {
      ...{ startedAt, expected: classify(oops407)[0] ?? null, file: join(folder, 'a'), signal },
    });
    if (typeof caught === 'string') return t.fail(caught);
    t.ok(
      caught.reports.some(({ knownIssue }) => knownIssue === '#407'),
      'that machine met #407',
    );
    const bytes = (await stat(join(folder, 'a'))).size;
    t.ok(bytes > thread.spec.shape.memoryMiB * 2 ** 20, `${bytes} bytes`);
    const leader = await attemptOf407(kernel, 'leader', 2);
    const options = { startedAt, expected: null, file: join(folder, 'b'), signal };
    t.equal(await catchMemory(leader.attempt, leader.spec, options), 'there was no report');
    // a kernel that panics resets, and takes its memory with it: at once from 3.1 on, where a busy host could else come first
    const atOnce = /^(2\.6|3\.0)\b/.test(kernel.release) ? [] : ['panic=-1'];
    const panics = { ...thread.spec, bootArguments: [...thread.spec.bootArguments, 'oops=panic', ...atOnce] };
    t.equal(await catchMemory(thread.attempt, panics, options), 'the machine ends with its report');
    t.same(await readdir(folder), ['a']);
  });

  t.test(`the guest's memory is a core that gdb reads (${kernel.release})`, async (t) => {
    const folder = t.testdir();
    const { spec } = await attemptOf407(kernel, 'leader');
    const file = join(folder, 'vmcore');
    await using machine = await Machine.start(spec, { signal: signal });
    t.ok(await new AgentSession(machine.channel).ready({ signal: signal }), 'the machine is ready');
    const bytes = await dumpGuestMemory(machine, file);
    t.ok(bytes > spec.shape.memoryMiB * 2 ** 20, `${bytes} bytes, all of the memory`);
    t.ok(await machine.isRunning(), 'the machine goes on');
    const core = await open(file);
    t.teardown(() => core.close());
    const { buffer } = await core.read(Buffer.alloc(64), 0, 64, 0);
    t.equal(buffer.toString('latin1', 0, 4), '\x7fELF');
    t.equal(buffer.readUInt16LE(16), 4, 'ET_CORE');
    t.equal(buffer.readUInt16LE(18), 62, 'EM_X86_64');
    await t.rejects(dumpGuestMemory(machine, file), { code: 'EEXIST' }, 'an older file is left alone');

    const vmlinux = vmlinuxOf(kernel.folder);
    // the core is by physical address: the kernel's text stands at __START_KERNEL_map above it
    const words = [
      '-nx',
      '-batch',
      '-ex',
      `core-file ${file}`,
      '-ex',
      `symbol-file ${vmlinux} -o 0x80000000`,
    ];
    const read = ['-ex', 'x/s &linux_banner'];
    const gdb = await execa('gdb', [...words, ...read], { reject: false });
    if (gdb.code === 'ENOENT')
      t.pass('not run', { skip: 'lacks gdb: kmatrix doctor --install --group test' });
    else if (vmlinux === undefined) t.pass('not run', { skip: `lacks the vmlinux of ${kernel.release}` });
    else t.match(gdb.stdout, `Linux version ${kernel.release}`, gdb.stderr);
  });

  t.test(
    `a bundle without a recording boots, and says whether the report came (${kernel.release})`,
    async (t) => {
      const folder = t.testdir({ thread: {}, leader: {} });
      for (const [arm, exitCode] of [
        ['thread', 0],
        ['leader', 1],
      ] as const) {
        const { attempt, spec } = await attemptOf407(kernel, arm, 5);
        const file = join(folder, arm, 'b.tar.gz');
        await mkdir(join(folder, arm), { recursive: true });
        const [report = null] = classify(oops407);
        await writeBundle({ attempt, spec, startedAt, console: oops407, report }, file, signal);
        const run = await kmatrix(['replay', file]);
        t.equal(run.exitCode, exitCode, run.stderr);
        t.match(run.stdout, /Linux version/, 'the console is shown');
        const gdb = await kmatrix(['replay', file, '--gdb']);
        t.equal(gdb.exitCode, 2);
        t.match(gdb.stderr, /no recording/);
      }
    },
  );
}
