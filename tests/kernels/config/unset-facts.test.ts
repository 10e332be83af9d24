import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../../harness/host/project.js';
import { parseKernelConfig } from '../../../harness/kernels/config/kernel-config.js';
import { unsetFacts } from '../../../harness/kernels/config/unset-facts.js';
import { configText, header, header2632 } from './configs.js';

const unset = async (head: string, options: string, release: string) =>
  unsetFacts(parseKernelConfig(configText(head, options), 'test'), release);

t.test(
  'an option that the tree offers and the build leaves out is one, whatever its name then',
  async (t) => {
    const old = await unset(header2632, '-XFS_FS -CGROUP_MEM_RES_CTLR BTRFS_FS=m EXT4_FS=y', '2.6.32.69');
    t.ok(old.includes('filesystem.xfs'));
    t.ok(old.includes('cgroup.memory'));
    for (const fact of ['filesystem.btrfs', 'filesystem.ext4']) t.notOk(old.includes(fact), fact);
  },
);

t.test('what is hidden by another option is known by the version', async (t) => {
  t.ok((await unset(header('3.5.0'), 'NET=y', '3.5.0')).includes('namespace.user'));
  t.ok((await unset(header('3.16.0'), 'NET=y', '3.16.0')).includes('netfilter.nftables'));
});

t.test('what the line never had is absent: that is no matter of configuration', async (t) => {
  const facts = await unset(header('3.1.3'), 'NET=y', '3.1.3');
  for (const fact of [
    'storage.dm-thin',
    'netfilter.nftables',
    'filesystem.overlay',
    'filesystem.aufs',
    'cgroup.pids',
  ])
    t.notOk(facts.includes(fact), fact);
  const patched = await unset(header('3.1.3'), '-AUFS_FS', '3.1.3');
  t.ok(patched.includes('filesystem.aufs'), 'unless its patches are in the tree');
});

t.test('each fact with an option is one that the probe tells', async (t) => {
  const names = Object.keys(await factNames());
  const guest = join(projectRoot, 'images/guest/lib');
  const files = ['filesystems', 'storage', 'netfilter', 'links', 'namespaces', 'cgroups', 'criu', 'seccomp'];
  const sources = await Promise.all(files.map((name) => readFile(join(guest, `km_probe_${name}.c`), 'utf8')));
  const text = sources.join('\n');
  for (const name of names) {
    const [group = '', rest = ''] = name.split('.');
    // controllers' names are the kernel's own, of /proc/cgroups
    const told =
      text.includes(`"${name}"`) ||
      (text.includes(`"${group}.%s"`) && (group === 'cgroup' || text.includes(`"${rest}"`)));
    t.ok(told, name);
  }
});

async function factNames(): Promise<Record<string, string>> {
  const text = await readFile(join(projectRoot, 'images/kernels/fact-options.yml'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^([\w.-]+): (\w+)$/gm)].map(([, fact, option]) => [fact, option]),
  );
}
