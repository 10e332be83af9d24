import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { buildProbeGuest } from '../../harness/vm/probe-guest.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { type ProbeRunOptions, runProbeGuest } from '../../harness/vm/run-probe-guest.js';

// a stand-in for another host's QEMU runs the probe in its own way, and these tests ask for theirs
delete process.env.KMATRIX_QEMU;
const [qemu, guest] = await Promise.all([findQemu(), buildProbeGuest()]);
const run = (options: Partial<ProbeRunOptions> = {}) =>
  runProbeGuest(qemu, guest, { accelerator: 'tcg', deadlineSeconds: 60, ...options });

t.test('the probe guest is assembled once', async (t) => {
  // says that it is the same compiler, and compiles nothing
  const folder = t.testdir();
  const path = process.env.PATH ?? '';
  const failing = `#!/bin/sh\n[ "$1" = --version ] && PATH='${path}' exec gcc --version\necho 'error: not again' >&2\nexit 1\n`;
  await writeFile(join(folder, 'gcc'), failing);
  await chmod(join(folder, 'gcc'), 0o755);
  const cache = process.env.KMATRIX_CACHE;
  t.teardown(() => {
    process.env.PATH = path;
    if (cache === undefined) delete process.env.KMATRIX_CACHE;
    else process.env.KMATRIX_CACHE = cache;
  });
  process.env.PATH = `${folder}${delimiter}${path}`;
  t.strictSame(await buildProbeGuest(), guest);
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await mkdir(process.env.KMATRIX_CACHE);
  await t.rejects(buildProbeGuest(), { name: 'HostError', message: /not again/ }, 'an empty cache has none');
});

t.test(
  'real mode, protected mode, long mode, user mode, the timer and the loop: TCG runs all of it',
  async (t) => {
    const found = await run();
    if (found.end !== 'done') return t.fail('not through', { found });
    t.comment(`${found.roundMs.toFixed(1)} ms per round`);
    t.ok(found.roundMs > 0.1, 'a round is work');
  },
);

t.test('a probe guest that never gets a processor is noticed', async (t) => {
  t.strictSame(await run({ deadlineSeconds: 2, extraArguments: ['-S'] }), {
    end: 'timed-out',
    stopped: 'not one instruction ran',
  });
});

t.test('a processor without long mode is named by where it stops', async (t) => {
  t.strictSame(await run({ extraArguments: ['-cpu', 'qemu32'] }), {
    end: 'refused',
    why: 'protected mode ran, then the guest reset itself',
    isDefinite: true,
  });
});

t.test('a machine without a timer is named by where it stops', async (t) => {
  t.strictSame(await run({ deadlineSeconds: 3, extraArguments: ['-machine', 'pc,pit=off'] }), {
    end: 'timed-out',
    stopped: 'user mode ran, the timer interrupt never came',
  });
});

t.test('QEMU’s own words are told where it refuses', async (t) => {
  const found = await run({ extraArguments: ['-machine', 'no-such-machine'] });
  t.match(found, { end: 'refused', why: /unsupported machine type/, isDefinite: true });
});

t.test('what was interrupted, killed or never started says nothing of the next time', async (t) => {
  const stop = new AbortController();
  const running = run({ extraArguments: ['-S'], signal: stop.signal });
  stop.abort(new Error('Ctrl-C'));
  await t.rejects(running, { message: 'Ctrl-C' });
  const ended = async (script: string) => {
    const binary = join(t.testdir({ qemu: `#!/bin/sh\n${script}\n` }), 'qemu');
    await chmod(binary, 0o755);
    return await runProbeGuest({ ...qemu, binary }, guest, { accelerator: 'tcg', deadlineSeconds: 60 });
  };
  t.match(await ended('kill -KILL $$'), { end: 'refused', isDefinite: false });
  t.match(await ended('echo "terminating on signal 2" >&2'), { end: 'refused', isDefinite: false });
  t.match(await ended('echo "cannot set up guest memory: Cannot allocate memory" >&2; exit 1'), {
    isDefinite: false,
  });
  t.match(await ended('echo "Assertion failed" >&2; kill -ABRT $$'), { end: 'refused', isDefinite: true });
  const absent = { ...qemu, binary: join(t.testdirName, 'absent') };
  t.match(await runProbeGuest(absent, guest, { accelerator: 'tcg', deadlineSeconds: 60 }), {
    end: 'refused',
    isDefinite: false,
  });
});
