import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { kmatrix, pidsWith, until } from '../cli/kmatrix.js';
import { finished, setUp } from './small-run.js';

const attempts = 8;

/** A run of the plain workload that was killed with some attempts on disk. */
async function killed(folder: string) {
  const small = await setUp(folder);
  const { words, out, mark, marked } = small;
  const first = kmatrix([...words, '--attempts', String(attempts), '--seed', '7'], marked);
  await until(async () => ((await finished(out)).length >= 1 ? true : undefined));
  first.kill('SIGKILL');
  await first;
  await until(async () => ((await pidsWith(mark)).length === 0 ? true : undefined));
  const [id = ''] = await readdir(out);
  return { ...small, run: join(out, id), before: (await finished(out)).length };
}

/** QEMU as it is here, which calls itself another. */
async function anotherQemu(folder: string): Promise<string> {
  const file = join(folder, 'qemu-stand-in');
  const version = 'QEMU emulator version 7.2.99 (of another builder)';
  await writeFile(
    file,
    `#!/bin/sh\n[ "$1" = --version ] && exec echo '${version}'\nexec qemu-system-x86_64 "$@"\n`,
  );
  await chmod(file, 0o755);
  return file;
}

/** Replaces what a file of the run says. */
async function edit(file: string, from: RegExp, to: string): Promise<() => Promise<void>> {
  const text = await readFile(file, 'utf8');
  const edited = text.replace(from, to);
  t.not(edited, text, `${from} is in it`);
  await writeFile(file, edited);
  return () => writeFile(file, text);
}

t.test('a run is resumed with what it was begun with, or refused; what else differs is told', async (t) => {
  const folder = t.testdir({ out: {} });
  const { words, file, run, out, before } = await killed(folder);
  t.ok(before < attempts, `${before} of ${attempts} were on disk`);
  const resume = [...words, '--resume', run];
  const sessions = join(run, 'sessions.jsonl');
  const lines = async (): Promise<number> => (await readFile(sessions, 'utf8')).split('\n').length;
  const begun = await lines();

  const other = await kmatrix([...resume, '--accelerator', 'kvm']);
  t.equal(other.exitCode, 2, other.stderr);
  t.match(other.stderr, /began under tcg, and kvm is asked for/);
  t.match(other.stderr, /start a new run under kvm/);

  const hash = '0'.repeat(64);
  const kernel = await edit(join(run, 'images.json'), /"imageId": "[0-9a-f]+"/, `"imageId": "${hash}"`);
  const gone = await kmatrix(resume);
  t.equal(gone.exitCode, 3, gone.stderr);
  t.match(gone.stderr, /the kernel that the run began with on debian-6.1-cloud is gone from the cache/);
  t.match(gone.stderr, /kmatrix images fetch debian-6.1-cloud/);
  await kernel();

  const image = await edit(sessions, /"image":"[0-9a-f]+"/g, `"image":"${hash}"`);
  const another = await kmatrix(resume);
  t.equal(another.exitCode, 3, another.stderr);
  t.match(another.stderr, /the image that debian-6.1-cloud\/burn began with is gone/);
  t.match(another.stderr, /resume with the version of kmatrix that began the run, or start a new run/);
  await image();

  const cells = await edit(
    file,
    /burn: {program: burn, iterations: 5}/,
    'burn: {program: burn, iterations: 6}',
  );
  const changed = await kmatrix(resume);
  t.equal(changed.exitCode, 2, changed.stderr);
  t.match(changed.stderr, /matrix.yml has changed since .* debian-6.1-cloud\/burn/);
  await cells();
  t.equal((await finished(out)).length, before, 'whatever was refused ran nothing');
  t.equal(await lines(), begun, 'and began no session');

  // a row that the run's own selection means, too, and one of which it has nothing
  await edit(
    file,
    /kernels:\n/,
    `kernels:\n  debian-6.9-cloud: {line: '6.9', flavour: debian, verified: false, apt: {distribution: debian, suite: sid, package: linux-image-6.9-cloud-amd64}}\n`,
  );
  await edit(file, /kernel: debian-6.1-cloud, workload: burn/, "kernel: 'debian-*', workload: burn");
  const done = await kmatrix(resume, { env: { KMATRIX_QEMU: await anotherQemu(folder) } });
  t.equal(done.exitCode, 0, done.stderr);
  const told = (await finished(out)).map((line) => JSON.parse(line));
  t.equal(told.length, attempts, 'no cell came to it');
  t.same(new Set(told.map(({ imageId }) => imageId)).size, 1, 'all ran one image');
  t.same(
    told.map(({ session }) => session),
    told.map((_, at) => (at < before ? '1' : '2')),
  );
  const events = (await readFile(sessions, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(
    events.filter(({ type }) => type === 'began'),
    [{ id: '1' }, { id: '2', qemu: { version: '7.2.99', build: 'of another builder' } }],
  );
});
