import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { withoutHostPaths } from '../../harness/results/public-text.js';
import { readManifest } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { aCell, aRun, runsFolder } from './stored-run.js';

t.test('of an absolute path the last part stays', async (t) => {
  for (const [text, expected] of [
    ['no kernel; at /home/me/k/bzImage; give one', 'no kernel; at bzImage; give one'],
    ["could not load '/root/.cache/x/y': no", "could not load 'y': no"],
    ['/srv/tree/ is empty', 'tree/ is empty'],
    ['file:///srv/a/b.deb', 'b.deb'],
    ['git@host:/srv/x.git', 'git@host:x.git'],
    ['/home/me/my kernels/bzImage', 'my kernels/bzImage'],
    ['(/a/b.c).', '(b.c).'],
  ] as const) {
    t.equal(withoutHostPaths(text), expected);
  }
});

t.test('what is no path of a host stays', async (t) => {
  for (const text of [
    '/dev/kvm is absent',
    '/proc/cgroups: enabled 0',
    'https://cdn.kernel.org/pub/linux/linux-3.2.71.tar.xz',
    'read and/or write, 3/5 of a/b/c',
    '',
  ]) {
    t.equal(withoutHostPaths(text), text);
  }
});

t.test('run.json and sessions.jsonl name neither the folder of QEMU nor where a kernel lies', async (t) => {
  const { kernel, ...cell } = aCell('mine', 'burn');
  const mine = {
    ...cell,
    kernel: { ...kernel, source: { kind: 'file', bzImage: '/home/me/bzImage' } as const },
  };
  const run = aRun([mine]);
  const store = await RunStore.create(await runsFolder(), {
    ...run,
    qemu: { ...run.qemu, binary: '/home/me/qemu/bin/qemu-system-x86_64' },
  });
  await store.close();
  const manifest = await readManifest(store.folder);
  t.equal(manifest.qemu.binary, 'qemu-system-x86_64');
  t.notMatch(JSON.stringify(manifest), '/home/me');
  t.notMatch(await readFile(join(store.folder, 'sessions.jsonl'), 'utf8'), '/home/me');
  t.match(manifest.cells, [{ kernel: { id: 'mine', source: 'file' }, workload: { iterations: 1 } }]);
});
