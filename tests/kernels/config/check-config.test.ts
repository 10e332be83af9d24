import t from 'tap';
import { UsageError } from '../../../harness/errors.js';
import { checkConfig, configSummary } from '../../../harness/kernels/config/check-config.js';
import { parseKernelConfig } from '../../../harness/kernels/config/kernel-config.js';
import { configText, header, header2632, verdictOn, whole } from './configs.js';

const headers = {
  '2.6.32': header2632,
  '3.2': header('3.2.71'),
  '3.8': header('3.8.13'),
  '6.1': header('6.1.192'),
};

for (const [line, options] of Object.entries(whole)) {
  const text = configText(headers[line as keyof typeof headers], options);
  t.test(`a whole configuration of ${line} lacks nothing necessary`, async (t) => {
    const config = parseKernelConfig(text, 'test');
    const verdict = checkConfig(config, config.version ?? '');
    t.same(verdict.necessary.missing, []);
    t.equal(verdict.necessary.ok, true);
    t.equal(configSummary(verdict), 'ok');
  });
  t.test(`each necessary option of ${line} is missed when it goes`, async (t) => {
    for (const word of options.trim().split(/\s+/)) {
      const name = word.replace(/=.$/, '');
      const config = parseKernelConfig(text.replace(new RegExp(`^CONFIG_${name}=.$`, 'm'), ''), 'test');
      const { necessary } = checkConfig(config, config.version ?? '');
      t.equal(necessary.ok, false, name);
      t.ok(
        necessary.options.some((one) => one.status === 'missing' && one.name === name),
        `${name} is what is missing`,
      );
    }
  });
}

t.test('an option under its old name is there, and the verdict says which name', async (t) => {
  const text = configText(header('3.2.71'), 'CGROUP_MEM_RES_CTLR=y');
  t.match(verdictOn('MEMCG', text), { status: 'enabled', name: 'CGROUP_MEM_RES_CTLR', note: '' });
});

t.test('a missing option is missed under the name that the kernel has for it', async (t) => {
  t.match(verdictOn('MEMCG', configText(header('3.5.0'), '-SMP')), {
    status: 'missing',
    name: 'CGROUP_MEM_RES_CTLR',
  });
  t.match(verdictOn('MEMCG', configText(header('3.6.0'), '-SMP')), { status: 'missing', name: 'MEMCG' });
});

t.test('the new name on an old kernel is a backport, and an old name on a new one is nothing', async (t) => {
  const text = configText(header2632, 'MEMCG=y');
  t.match(verdictOn('MEMCG', text), { status: 'enabled', name: 'MEMCG', note: 'backported: came in 3.6' });
  t.match(verdictOn('MEMCG', configText(header('3.8.13'), 'CGROUP_MEM_RES_CTLR=y')), { status: 'missing' });
});

t.test('what a version never had is not applicable, with when it came', async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['SECCOMP_FILTER', header2632, 'came in 3.5'],
    ['CFS_BANDWIDTH', header2632, 'came in 3.2'],
    ['BLK_CGROUP', header2632, 'came in 2.6.33'],
    ['MEMCG_SWAP_ENABLED', header2632, 'came in 2.6.37'],
    ['CGROUP_NET_PRIO', header('3.2.71'), 'came in 3.3'],
    ['CGROUP_HUGETLB', header('3.5.0'), 'came in 3.6'],
    ['IP6_NF_NAT', header('3.6.5'), 'came in 3.7'],
    ['OVERLAY_FS', header('3.8.13'), 'came in 3.18'],
    ['CGROUP_BPF', header('4.9.0'), 'not needed before 4.15'],
  ];
  for (const [option, line, note] of cases) {
    t.match(verdictOn(option, configText(line, '-SMP')), { status: 'not-applicable', note }, option);
  }
});

t.test('what a version no longer has is not applicable, with what became of it', async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['MEMCG_SWAP', '6.1.0', 'gone since 6.1: part of MEMCG'],
    ['DEVPTS_MULTIPLE_INSTANCES', '4.7.4', 'gone since 4.7: every devpts mount is an instance of its own'],
    ['IOSCHED_CFQ', '5.10.0', 'gone since 5.0: single-queue schedulers were removed'],
    ['NF_NAT_IPV4', '6.1.0', 'gone since 5.1: part of NF_NAT'],
  ];
  for (const [option, version, note] of cases) {
    t.match(
      verdictOn(option, configText(header(version), '-SMP')),
      { status: 'not-applicable', note },
      option,
    );
  }
  t.match(verdictOn('DEVPTS_MULTIPLE_INSTANCES', configText(header('4.6.7'), '-SMP')), { status: 'missing' });
});

t.test('an option that the file lists as unset exists in that tree, whatever its version', async (t) => {
  t.match(verdictOn('SECCOMP_FILTER', configText(header2632, '-SECCOMP_FILTER')), { status: 'missing' });
});

t.test('a controller that is built in but off at boot says how to switch it on', async (t) => {
  const text = configText(header('3.2.71'), 'CGROUP_MEM_RES_CTLR=y CGROUP_MEM_RES_CTLR_DISABLED=y');
  t.equal(verdictOn('MEMCG', text).note, 'off until booted with cgroup_enable=memory');
  const swap = configText(header('3.16.0'), 'MEMCG=y MEMCG_SWAP=y -MEMCG_SWAP_ENABLED');
  t.equal(verdictOn('MEMCG_SWAP', swap).note, 'off until booted with swapaccount=1');
  t.equal(verdictOn('MEMCG', swap).note, '');
  // 2.6.32 has no such switch: what is compiled in is on
  t.equal(verdictOn('MEMCG_SWAP', configText(header2632, 'CGROUP_MEM_RES_CTLR_SWAP=y')).note, '');
});

t.test('patch sets: AUFS is lacking on a vanilla kernel and told as what it is on another', async (t) => {
  t.match(verdictOn('AUFS_FS', configText(header('3.2.71'), '-SMP')), {
    status: 'missing',
    note: 'out of tree: only kernels with its patches have it',
  });
  t.match(verdictOn('AUFS_FS', configText(header('3.2.71'), 'AUFS_FS=m')), {
    status: 'module',
    note: 'out-of-tree patches',
  });
  t.match(verdictOn('OVERLAY_FS', configText(header('3.5.0'), 'OVERLAYFS_FS=m')), {
    status: 'module',
    name: 'OVERLAYFS_FS',
  });
});

t.test('one whole storage driver is enough', async (t) => {
  const judged = (options: string) =>
    checkConfig(parseKernelConfig(configText(header('3.8.13'), options), 'test'), '3.8.13').storage.ok;
  t.equal(judged('AUFS_FS=y'), true);
  t.equal(judged('BLK_DEV_DM=y DM_THIN_PROVISIONING=m'), true);
  t.equal(judged('BLK_DEV_DM=y BTRFS_FS=m'), false);
});

t.test('one option that serves two needs is no backport', async (t) => {
  const text = configText(header('3.8.13'), 'NF_NAT_IPV4=m');
  t.match(verdictOn('NF_NAT_IPV4', text), { status: 'module', note: '' });
  t.match(verdictOn('IP_NF_NAT', text), { status: 'module', name: 'NF_NAT_IPV4', note: '' });
  t.match(verdictOn('NF_NAT_IPV4', configText(header('3.2.71'), '-SMP')), { note: 'not needed before 3.17' });
});

t.test('what Docker needs of nftables counts from the version that has it', async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['NF_TABLES', '3.12.74', '3.13.0'],
    ['NFT_CT', '3.12.74', '3.13.0'],
    ['NFT_NAT', '3.12.74', '3.13.0'],
    ['NFT_MASQ', '3.17.8', '3.18.0'],
    ['NFT_FIB', '4.9.337', '4.10.0'],
    ['NFT_FIB_IPV4', '4.9.337', '4.10.0'],
    ['NFT_FIB_IPV6', '4.9.337', '4.10.0'],
  ];
  for (const [option, before, from] of cases) {
    t.match(verdictOn(option, configText(header(before), '-SMP')), { status: 'not-applicable' }, option);
    t.match(verdictOn(option, configText(header(from), '-SMP')), { status: 'missing' }, option);
    t.match(verdictOn(option, configText(header(from), `${option}=m`)), { status: 'module' }, option);
  }
  t.match(verdictOn('IP_SCTP', configText(header2632, '-SMP')), { status: 'missing' });
});

t.test('an option that is better off is in the way when it is on', async (t) => {
  const option = 'LEGACY_VSYSCALL_NONE';
  const judged = (options: string) => {
    const text = configText(header('6.12.0'), options);
    return { ...verdictOn(option, text), ...checkConfig(parseKernelConfig(text, 'test'), '6.12.0').optional };
  };
  t.match(judged(`${option}=y`), { status: 'unwanted', unwanted: [option], ok: false, why: /eglibc 2\.13/ });
  t.match(judged(`-${option}`), { status: 'off', unwanted: [] });
  t.notOk(judged(`-${option}`).missing.includes(option), 'nor is it missing');
  t.match(verdictOn(option, configText(header('3.2.71'), '-SMP')), { status: 'not-applicable' });
});

t.test('3.10 is not 3.1', async (t) => {
  t.match(verdictOn('VXLAN', configText(header('3.1.3'), '-SMP')), { status: 'not-applicable' });
  t.match(verdictOn('VXLAN', configText(header('3.10.17'), '-SMP')), { status: 'missing' });
});

t.test('the short form names the first and counts the rest', async (t) => {
  const some = configText(header('3.8.13'), whole['3.8'].replace('MEMCG=y', '').replace('VETH=m', ''));
  t.equal(configSummary(checkConfig(parseKernelConfig(some, 'test'), '3.8.13')), 'lacks MEMCG, VETH');
  const none = checkConfig(parseKernelConfig('CONFIG_SMP=y\n', 'test'), '3.8.13');
  t.equal(configSummary(none, 2), `lacks NAMESPACES, NET_NS and ${none.necessary.missing.length - 2} more`);
});

t.test('a release is judged by its numbers, and no release is an error', async (t) => {
  const config = parseKernelConfig('CONFIG_MEMCG=y\n', 'test');
  t.equal(checkConfig(config, '6.1.0-31-cloud-amd64').version, '6.1.0-31-cloud-amd64');
  for (const bad of ['', 'latest', '6', 'x6.1']) t.throws(() => checkConfig(config, bad), UsageError, bad);
});
