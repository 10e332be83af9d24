import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { shellQuoted } from '../../harness/host/shell-quoted.js';
import { expectedFrames } from '../../harness/repro/bundle/expected-frames.js';
import { isOwnBundle, noteOwnBundle } from '../../harness/repro/bundle/own-bundles.js';
import { portableWords } from '../../harness/repro/bundle/portable-words.js';
import { unpackBundle } from '../../harness/repro/bundle/unpack-bundle.js';
import { writeBundle } from '../../harness/repro/bundle/write-bundle.js';
import { madeUpRequest } from './bundle-fixture.js';

const never = new AbortController().signal;

t.test('a bundle is one folder with all that its machine needs, packed with zstd or gzip', async (t) => {
  const folder = t.testdir({ zst: {}, gz: {} });
  const request = await madeUpRequest(folder);
  for (const [suffix, flag] of [
    ['zst', '--zstd'],
    ['gz', '--gzip'],
  ] as const) {
    await writeBundle(request, join(folder, `b.tar.${suffix}`), never);
    await execa('tar', [flag, '-xf', join(folder, `b.tar.${suffix}`), '-C', join(folder, suffix)]);
    const unpacked = join(folder, suffix, 'kmatrix-3.2.71-7');
    t.same(
      (await readdir(unpacked)).sort(),
      [
        'README',
        'boot.command',
        'boot.words',
        'bundle.json',
        'bzImage',
        'config',
        'console.log',
        'expected.frames',
        'initramfs',
        'limits',
        'poweroff.frame',
        'report.json',
        'run.sh',
        'start.frame',
      ].sort(),
    );
    t.ok((await stat(join(unpacked, 'run.sh'))).mode & 0o100, 'run.sh can be executed');
    t.equal(await readFile(join(unpacked, 'console.log'), 'utf8'), request.console);
    t.match(JSON.parse(await readFile(join(unpacked, 'report.json'), 'utf8')), { knownIssue: '#407' });
    t.match(await readFile(join(unpacked, 'start.frame'), 'utf8'), /"seed":7.*"arm":"thread"/);
    t.notMatch(await readFile(join(unpacked, 'boot.words'), 'utf8'), /fd=|qmp|\//);
  }
});

t.test('the same attempt gives the same bytes', async (t) => {
  const folder = t.testdir();
  const request = await madeUpRequest(folder);
  const [one, other] = [join(folder, 'one.tar.zst'), join(folder, 'other.tar.zst')];
  await writeBundle(request, one, never);
  await writeBundle(request, other, never);
  t.ok((await readFile(one)).equals(await readFile(other)));
  await writeBundle({ ...request, console: 'else' }, other, never);
  t.notOk((await readFile(one)).equals(await readFile(other)), 'another attempt gives others');
});

t.test('kmatrix reads back what it wrote', async (t) => {
  const folder = t.testdir({ out: {} });
  const file = join(folder, 'b.tar.gz');
  await writeBundle(await madeUpRequest(folder), file, never);
  const { description } = await unpackBundle(file, join(folder, 'out'), never);
  t.match(description, {
    kernel: { release: '3.2.71' },
    machine: { cpus: 2, memoryMiB: 128, bootArguments: ['slub_debug=FZP'] },
    order: { workload: 'pidns-exec', seed: 7, args: { arm: 'thread', churn: 0 } },
    report: { knownIssue: '#407' },
    recording: null,
  });
});

t.test('another name is refused before anything is written', async (t) => {
  const folder = t.testdir();
  const request = await madeUpRequest(folder);
  const before = await readdir(folder);
  await t.rejects(writeBundle(request, join(folder, 'b.zip'), never), {
    name: 'UsageError',
    message: /NAME\.tar\.zst/,
  });
  t.same(await readdir(folder), before);
});

t.test('an interrupt leaves no half file', async (t) => {
  const folder = t.testdir();
  const request = await madeUpRequest(folder);
  const before = await readdir(folder);
  await t.rejects(writeBundle(request, join(folder, 'b.tar.gz'), AbortSignal.abort(new Error('enough'))), {
    message: 'enough',
  });
  t.same(await readdir(folder), before);
});

for (const suffix of ['gz', 'zst']) {
  t.test(`a full disk gives one clear error and no half file (${suffix})`, async (t) => {
    const folder = t.testdir({ small: {} });
    const small = join(folder, 'small');
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], {
      reject: false,
    });
    if (mounted.failed) {
      return void t.pass('not run', { skip: `needs root, to mount a small tmpfs: ${mounted.stderr}` });
    }
    const request = await madeUpRequest(folder);
    const noise = join(folder, 'noise');
    await execa('dd', ['if=/dev/urandom', `of=${noise}`, 'bs=1k', 'count=500', 'status=none']);
    try {
      const full = writeBundle({ ...request, vmcore: noise }, join(small, `b.tar.${suffix}`), never);
      await t.rejects(full, { name: 'HostError', message: /no space left/, remedy: /another folder/ });
      t.same(await readdir(small), []);
    } finally {
      // before tap removes the folder below it
      await execa('umount', [small]);
    }
  });
}

t.test('a report is known again by its own frames, or by its known issue', async (t) => {
  const { report } = await madeUpRequest(t.testdir());
  const lists = expectedFrames(report);
  t.same(lists[0], ['d_hash_and_lookup', 'proc_flush_task', 'release_task']);
  t.ok(lists.some((names) => names.join(' ') === 'pid_ns_release_proc mntput'));
  t.same(expectedFrames(null), [], 'nothing tells a report where there was none');
  const odd = report && { ...report, knownIssue: null, signature: 'oops:$(reboot)<b', function: '$(reboot)' };
  t.same(expectedFrames(odd), [], 'no word of a guest reaches the script but names');
});

t.test('the command line of a recording names no fifo, since nothing comes in', async (t) => {
  const { spec } = await madeUpRequest(t.testdir());
  const words = portableWords({ ...spec, shape: { cpus: 1, memoryMiB: 128 } }, { mode: 'replay' });
  t.ok(words.includes('null,id=channel'));
  t.match(words[words.indexOf('-icount') + 1], /rr=replay,rrfile=execution\.log/);
});

t.test('words come through a shell as they are', async (t) => {
  const words = ['a b', "it's", '', '$HOME', '*', 'plain,x=1'];
  const { stdout } = await execa('sh', ['-c', `printf '[%s]' ${shellQuoted(words)}`]);
  t.equal(stdout, words.map((word) => `[${word}]`).join(''));
});

t.test('a bundle that the cache takes no note of is a bundle all the same', async (t) => {
  const folder = t.testdir({ file: '', full: { 'own-bundles': '' } });
  const before = process.env.KMATRIX_CACHE;
  t.teardown(() => {
    if (before === undefined) delete process.env.KMATRIX_CACHE;
    else process.env.KMATRIX_CACHE = before;
  });
  const id = 'a'.repeat(64);
  for (const cache of ['file', 'full']) {
    process.env.KMATRIX_CACHE = join(folder, cache);
    t.match(await noteOwnBundle(id), /the cache folder can't be made/);
    t.notOk(isOwnBundle(id));
  }
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  t.notOk(isOwnBundle(id));
  t.equal(await noteOwnBundle(id), null);
  t.ok(isOwnBundle(id));
});
