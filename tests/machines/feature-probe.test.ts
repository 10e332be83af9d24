import { join } from 'node:path';
import t from 'tap';
import type { FactFrame } from '../../harness/guest/types.js';
import { projectRoot } from '../../harness/host/project.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { guestMachine, runWorkload } from './guest-machine.js';

/** As matrix.yml offers them to the feature probe. */
const { workloads } = await loadMatrix(join(projectRoot, 'matrix.yml'));
const offered = workloads.find(({ id }) => id === 'feature-probe')?.offered ?? [];

/** What Debian's cloud kernels have as modules: the fact, and the module that is loaded for it. */
const byModule = {
  'filesystem.overlay': 'overlay',
  'filesystem.btrfs': 'btrfs',
  'filesystem.squashfs': 'squashfs',
  'filesystem.xfs': 'xfs',
  'storage.loop': 'loop',
  'storage.devicemapper': 'dm-mod',
  'storage.dm-thin': 'dm-thin-pool',
  'netfilter.nftables': 'nf_tables',
  'link.veth': 'veth',
  'link.bridge': 'bridge',
  'link.macvlan': 'macvlan',
  'criu.sock_diag': 'unix_diag',
} as const;

t.test('probes tell what this kernel has built in, as a module and not at all, with evidence', async (t) => {
  await using guest = await guestMachine(t, [], offered);
  const loaded = guest.ready.modules.filter((name) => !/^virtio(_ring|_blk|_pci.*)?\.ko$/.test(name));
  t.same(loaded, [], 'but for the slot’s driver nothing is loaded before the probe asks for it');
  const facts = new Map<string, FactFrame>();
  const notes: string[] = [];
  for (const workload of ['feature-probe', 'setns-probe']) {
    const { done, frames } = await runWorkload(guest, workload, 1);
    t.match(done, { status: 'passed', iterations: 1 });
    for (const frame of frames) {
      if (frame.type === 'note') notes.push(frame.text);
      if (frame.type !== 'fact') continue;
      t.ok(frame.evidence, `${frame.name}: ${frame.evidence}`);
      facts.set(frame.name, frame);
    }
  }
  t.notOk(
    notes.some((note) => note.includes("doesn't load")),
    notes.join('; '),
  );
  for (const name of ['pid', 'mnt', 'uts', 'ipc', 'net', 'user', 'cgroup']) {
    t.match(facts.get(`namespace.${name}`), { value: true, module: '' }, name);
    t.match(facts.get(`setns.${name}`), { value: true, module: '' }, name);
  }
  t.match(facts.get('filesystem.tmpfs'), { value: true, module: '' });
  for (const [name, module] of Object.entries(byModule)) {
    t.match(facts.get(name), { value: true, module }, `${name}: ${facts.get(name)?.evidence}`);
  }
  t.match(facts.get('filesystem.squashfs')?.evidence, "mounted from a loop device; a file's bytes are right");
  t.match(facts.get('filesystem.xfs')?.evidence, /^registered in .*; not mounted$/, 'and says so');
  for (const name of ['filesystem.aufs', 'filesystem.overlayfs']) {
    t.match(facts.get(name), { value: false, module: '' }, name);
  }
  for (const name of ['cgroup.memory.enforced', 'cgroup.memory.swap']) {
    t.match(facts.get(name), { value: true, module: undefined }, `${name} is what the kernel does`);
  }
});

t.test(
  'a module that doesn’t load leaves its part not probed, with the reason; one beside it is probed',
  async (t) => {
    const files = t.testdir({ order: 'xfs.ko\n', module: 'no module', empty: '' });
    const broken = new Map([
      ['offered/xfs', join(files, 'order')],
      ['offered/xfs.ko', join(files, 'module')],
      ['offered/dm-thin-pool', join(files, 'empty')],
    ]);
    await using guest = await guestMachine(t, [], ['dm-mod'], broken);
    const { done, frames } = await runWorkload(guest, 'feature-probe', 1);
    t.equal(done.status, 'passed');
    const fact = (name: string) => frames.find((frame) => frame.type === 'fact' && frame.name === name);
    t.match(fact('filesystem.xfs'), {
      value: null,
      evidence: /^module xfs doesn't load; xfs\.ko: .+; not in \/proc\/filesystems/,
    });
    t.match(fact('storage.dm-thin'), {
      value: null,
      evidence: /^module dm-thin-pool doesn't load; it names no file; /,
    });
    t.match(fact('storage.devicemapper'), { value: true, module: 'dm-mod' });
    t.match(fact('filesystem.btrfs'), { value: false, module: '' }, 'not offered');
  },
);

t.test(
  'without their modules, the same probes say no; loaded by the agent, they are modules as well',
  async (t) => {
    await using guest = await guestMachine(t, ['veth']);
    const { frames } = await runWorkload(guest, 'feature-probe', 1);
    const facts = new Map(
      frames.flatMap((frame) => (frame.type === 'fact' ? [[frame.name, frame] as const] : [])),
    );
    for (const name of Object.keys(byModule)) {
      if (name !== 'link.veth' && name !== 'link.macvlan')
        t.match(facts.get(name), { value: false, module: '' }, name);
    }
    t.match(facts.get('link.veth'), { value: true, module: 'veth' });
  },
);
