import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { shellQuoted } from '../../harness/host/shell-quoted.js';
import { emptyQcow2 } from '../../harness/repro/bundle/empty-qcow2.js';
import { noteOwnBundle } from '../../harness/repro/bundle/own-bundles.js';
import { writeBundle } from '../../harness/repro/bundle/write-bundle.js';
import { madeUpRequest } from '../repro/bundle-fixture.js';
import { kmatrix, kmatrixScript } from './kmatrix.js';

t.setTimeout(300_000);
const { signal } = new AbortController();

/** A bundle, a cache, and a QEMU that only notes that it was started. */
async function replayed(t: Test, recorded: boolean) {
  const folder = t.testdir({ cache: {}, log: 'log', console: 'console' });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  const request = await madeUpRequest(folder);
  const snapshots = join(folder, 'snapshots');
  await writeFile(snapshots, emptyQcow2());
  const recording = {
    ...{ log: join(folder, 'log'), snapshots, console: join(folder, 'console'), end: 'report' as const },
    spec: { ...request.spec, shape: { cpus: 1, memoryMiB: 128 } },
    ...{ reports: [], seconds: 1, bytes: 3 },
    order: { workload: 'w', seed: 1, iterations: 1, time: 0, entropy: '0'.repeat(64), args: {} },
  };
  const file = join(folder, 'b.tar.gz');
  const id = await writeBundle({ ...request, ...(recorded && { recording }) }, file, signal);
  const qemu = join(folder, 'qemu');
  const version = 'case "$*" in *version*) echo "QEMU emulator version 7.2.22"; exit;; esac';
  await writeFile(qemu, `#!/bin/sh\n${version}\necho started >> '${join(folder, 'started')}'\nexit 1\n`);
  await chmod(qemu, 0o755);
  const env = { KMATRIX_QEMU: qemu };
  return {
    ...{ file, id, env },
    run: (...words: string[]) => kmatrix(['replay', file, ...words], { env }),
    wasStarted: async () => (await readFile(join(folder, 'started'), 'utf8').catch(() => '')) !== '',
  };
}

t.test('a recording that was made elsewhere is not replayed unasked, and a script is told how', async (t) => {
  const { run, wasStarted } = await replayed(t, true);
  const { exitCode, stderr } = await run();
  t.equal(exitCode, 2, stderr);
  t.match(stderr, /the recording in this bundle was not made here/);
  t.match(stderr, /→ --trust replays it anyway, --boot runs the guest alone/);
  t.notOk(await wasStarted());
});

t.test('--trust, --boot and a bundle of this cache ask nobody', async (t) => {
  for (const words of [['--trust'], ['--boot'], []]) {
    const { id, run, wasStarted } = await replayed(t, true);
    if (words.length === 0) await noteOwnBundle(id);
    const { stderr } = await run(...words);
    t.notMatch(stderr, /not made here/);
    t.ok(await wasStarted(), words.join(' ') || 'own');
  }
});

t.test('a bundle without a recording asks nobody', async (t) => {
  const { run, wasStarted } = await replayed(t, false);
  t.notMatch((await run()).stderr, /not made here/);
  t.ok(await wasStarted());
});

t.test('at a terminal the answer decides', async (t) => {
  for (const answer of ['y', '']) {
    const { file, env, wasStarted } = await replayed(t, true);
    const command = shellQuoted([process.execPath, kmatrixScript, 'replay', file]);
    const { stdout } = await execa('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      ...{ env, reject: false, input: `${answer}\n` },
    });
    t.match(stdout, 'Replay it? [y/N]');
    t.equal(await wasStarted(), answer === 'y', `answer '${answer}'`);
  }
});

t.test('the help says what is executed', async (t) => {
  const { stdout } = await kmatrix(['replay', '--help']);
  t.match(
    stdout.replace(/\s+/g, ' '),
    /a saved machine and an execution log to QEMU.*only from people whose programs you would run/,
  );
});
