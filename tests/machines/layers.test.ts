import t from 'tap';
import { guestMachine, runWorkload } from './guest-machine.js';
import { kernelAttempts } from './kernel-attempts.js';

const passed = { status: 'passed', iterations: 1, reason: '' };

t.setTimeout(15 * 60_000);

/** What `break=` breaks, and the words of the check that must notice. */
const broken = {
  order: /^overlay: a file that layer \d deleted is still there$/,
  'copy-up': /^overlay: a file copied up by chmod has other content, owner, mode or time$/,
  whiteout: /^overlay: a deleted file of a lower layer is still there$/,
  rename: /^overlay: a renamed file of a lower layer has other content, or still its old name$/,
  opaque: /^overlay: what a lower layer has shows in a folder that was replaced at the top$/,
  lower: /^overlay: layer 1 of 8 is not what it was before layers above it changed$/,
  users: /^overlay: umount while processes use it: 0, not EBUSY$/,
  stay: /^overlay: \d+ mounts before the layers, \d+ after$/,
} as const;

t.test('stacks of layers are whole on overlay and on copies, and each broken one is noticed', async (t) => {
  await using guest = await guestMachine(t, ['overlay']);
  for (const depth of [1, 8, 40])
    for (const storage of ['overlay', 'vfs']) {
      const { done, frames } = await runWorkload(guest, 'layers', 1, { storage, depth });
      t.match(done, passed, `${storage}, depth ${depth}`);
      const renamed = frames.flatMap((one) => (one.type === 'fact' ? [one.value] : []));
      t.same(renamed, [storage === 'overlay' ? 'Cross-device link' : 'renamed'], storage);
    }
  for (const [what, reason] of Object.entries(broken)) {
    const { done } = await runWorkload(guest, 'layers', 1, { storage: 'overlay', depth: 8, break: what });
    t.match(done, { status: 'failed', iterations: 0, reason }, what);
  }
  t.match((await runWorkload(guest, 'layers', 1, { storage: 'overlay', depth: 8 })).done, passed);
  const { done } = await runWorkload(guest, 'layers', 1, { storage: 'zfs' });
  t.match(done, { status: 'unsupported', reason: 'storage driver zfs: no zfs in /proc/filesystems' });
});

/** Old kernels: what they do with a union of one lower layer and of eight, and with copies. */
const old: Readonly<Record<string, Readonly<Record<string, readonly [string, RegExp]>>>> = {
  'vanilla-3.2-aufs': {
    'layers aufs': ['stable', /2 iterations/],
    'layers-8 aufs': ['operation-failed', /^aufs: what layer 2 has shows in a folder that layer 3 replaced$/],
    'layers-8 vfs': ['stable', /1 iteration/],
  },
  'ubuntu-3.5.0-27': {
    'layers overlay': ['stable', /2 iterations/],
    'layers-8 overlay': ['unsupported', /^overlayfs: mount with 2 lower layers: /],
  },
  'vanilla-4.9': { 'layers-8 overlay': ['stable', /1 iteration/] },
};

const attempts = await kernelAttempts(t, Object.keys(old));

for (const [id, cells] of Object.entries(old)) {
  const cached = attempts.cached(id);
  const skip = cached === undefined && `lacks the kernel ${id} in the cache`;
  t.test(`${id}: layers as this line can have them`, { skip }, async (t) => {
    if (cached === undefined) return;
    t.comment(cached.kernel.release);
    for (const [cell, [outcome, reason]] of Object.entries(cells)) {
      const [workload = '', storage = ''] = cell.split(' ');
      const result = await attempts.run(cached, workload, 'default', storage);
      t.match(result, { outcome, reason }, cell);
    }
  });
}
