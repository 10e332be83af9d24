import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
import type { KernelEntry } from '../../harness/kernels/types.js';
import { writeBundle } from '../../harness/repro/bundle/write-bundle.js';
import { oops407 } from '../repro/bundle-fixture.js';
import { attemptOf407, kernelWith407 } from './bundled-attempt.js';

t.setTimeout(1200_000);
const kernel = await kernelWith407();

if (kernel === undefined) {
  t.test('a bundle runs by itself', { skip: 'lacks a kernel with #407 in the cache' }, () => {});
} else {
  t.test(`a bundle of a crash reports again, by sh alone (${kernel.release})`, async (t) => {
    const folder = await unpacked(t, kernel, 'thread');
    const { exitCode, stdout, stderr } = await runBundle(t, folder);
    t.equal(exitCode, 0, stderr);
    t.match(stderr, /the report came again/);
    // run.sh knows it by functions; the classifier has to agree
    t.ok(
      classify(stdout).some(({ knownIssue }) => knownIssue === '#407'),
      stdout.slice(-3000),
    );
  });

  t.test(`a bundle of the harmless arm does not, and ends by itself (${kernel.release})`, async (t) => {
    const folder = await unpacked(t, kernel, 'leader');
    const { exitCode, stdout, stderr } = await runBundle(t, folder);
    t.equal(exitCode, 1, stderr);
    t.match(stderr, /ended without a report/);
    t.same(classify(stdout), []);
  });

  t.test(`a bundle ends its machine at its limit, and when it is told to (${kernel.release})`, async (t) => {
    const folder = await unpacked(t, kernel, 'leader');
    const limited = await runBundle(t, folder, ['--limit', '1']);
    t.not(limited.exitCode, 0);
    const tmp = join(folder, '..', 'tmp of ours');
    const child = execa('sh', [join(folder, 'run.sh')], { env: { TMPDIR: tmp }, reject: false });
    // the machine runs: its first word is on the console
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    t.equal((await child).exitCode, 143);
    t.same(await readdir(tmp), [], 'fifos and their folder are gone');
  });
}

/** A bundle unpacked into a folder whose name has spaces and a quote. */
async function unpacked(t: Test, kernel: KernelEntry, arm: 'thread' | 'leader'): Promise<string> {
  const folder = t.testdir({ "an empty folder, isn't it": {} });
  const file = join(folder, 'b.tar.zst');
  const { attempt, spec } = await attemptOf407(kernel, arm, 5);
  const [report = null] = classify(oops407);
  await writeBundle(
    { attempt, spec, startedAt: '2026-11-24T12:00:00Z', console: oops407, report },
    file,
    new AbortController().signal,
  );
  const into = join(folder, "an empty folder, isn't it");
  await execa('tar', ['--zstd', '-xf', file, '-C', into]);
  const [own = ''] = await readdir(into);
  return join(into, own);
}

/** From another folder, by dash or whatever sh is here. */
async function runBundle(t: Test, folder: string, words: readonly string[] = []) {
  const tmp = join(folder, '..', 'tmp of ours');
  await mkdir(tmp, { recursive: true });
  const env = { TMPDIR: tmp };
  const result = await execa('sh', [join(folder, 'run.sh'), ...words], { env, cwd: '/', reject: false });
  t.same(await readdir(tmp), [], 'fifos and their folder are gone');
  return result;
}
