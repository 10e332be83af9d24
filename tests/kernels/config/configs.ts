import { checkConfig, type OptionVerdict } from '../../../harness/kernels/config/check-config.js';
import { parseKernelConfig } from '../../../harness/kernels/config/kernel-config.js';
import { optionGroups } from '../../../harness/kernels/config/option-table.js';

/** A .config with this header line and these options; `-NAME` is listed as unset. */
export const configText = (header: string, options: string): string =>
  [
    '#',
    '# Automatically generated make config: don’t edit',
    header,
    '#',
    ...options
      .trim()
      .split(/\s+/)
      .map((word) => (word.startsWith('-') ? `# CONFIG_${word.slice(1)} is not set` : `CONFIG_${word}`)),
    '',
  ].join('\n');

export const header2632 = '# Linux kernel version: 2.6.32.69';
export const header = (version: string): string => `# Linux/x86_64 ${version} Kernel Configuration`;

/** One option's verdict under a configuration, by today's name. */
export function verdictOn(option: string, text: string): OptionVerdict {
  const config = parseKernelConfig(text, 'test');
  const verdict = checkConfig(config, config.version ?? '');
  const found = optionGroups.flatMap((group) => verdict[group].options).find((one) => one.option === option);
  if (!found) throw new Error(`no option ${option} in the table`);
  return found;
}

/** What Docker of 2013 ran on: everything necessary, as each version calls it. */
export const whole = {
  '2.6.32': `NAMESPACES=y NET_NS=y PID_NS=y IPC_NS=y UTS_NS=y CGROUPS=y CGROUP_SCHED=y CGROUP_FREEZER=y CGROUP_DEVICE=y
    CPUSETS=y CGROUP_CPUACCT=y CGROUP_MEM_RES_CTLR=y KEYS=y POSIX_MQUEUE=y DEVPTS_MULTIPLE_INSTANCES=y VETH=m BRIDGE=m
    BRIDGE_NETFILTER=y IP_NF_FILTER=m IP_NF_MANGLE=m IP_NF_TARGET_MASQUERADE=m IP_NF_RAW=m NF_NAT=m NF_NAT_NEEDED=y
    IP6_NF_FILTER=m IP6_NF_MANGLE=m IP6_NF_RAW=m IP_NF_MATCH_ADDRTYPE=m NETFILTER_XT_MATCH_CONNTRACK=m
    NETFILTER_XT_MATCH_MARK=m`,
  '3.2': `NAMESPACES=y NET_NS=y PID_NS=y IPC_NS=y UTS_NS=y CGROUPS=y CGROUP_SCHED=y CGROUP_FREEZER=y CGROUP_DEVICE=y
    CPUSETS=y CGROUP_CPUACCT=y CGROUP_MEM_RES_CTLR=y KEYS=y POSIX_MQUEUE=y DEVPTS_MULTIPLE_INSTANCES=y VETH=m BRIDGE=m
    BRIDGE_NETFILTER=y IP_NF_FILTER=m IP_NF_MANGLE=m IP_NF_TARGET_MASQUERADE=m IP_NF_RAW=m NF_NAT=m NF_NAT_NEEDED=y
    IP6_NF_FILTER=m IP6_NF_MANGLE=m IP6_NF_RAW=m NETFILTER_XT_MATCH_ADDRTYPE=m NETFILTER_XT_MATCH_CONNTRACK=m
    NETFILTER_XT_MATCH_IPVS=m NETFILTER_XT_MARK=m`,
  '3.8': `NAMESPACES=y NET_NS=y PID_NS=y IPC_NS=y UTS_NS=y CGROUPS=y CGROUP_SCHED=y CGROUP_FREEZER=y CGROUP_DEVICE=y
    CPUSETS=y CGROUP_CPUACCT=y MEMCG=y KEYS=y POSIX_MQUEUE=y DEVPTS_MULTIPLE_INSTANCES=y VETH=m BRIDGE=m
    BRIDGE_NETFILTER=y IP_NF_FILTER=m IP_NF_MANGLE=m IP_NF_TARGET_MASQUERADE=m IP_NF_RAW=m NF_NAT_IPV4=m NF_NAT=m
    NF_NAT_NEEDED=y IP6_NF_FILTER=m IP6_NF_MANGLE=m IP6_NF_RAW=m IP6_NF_TARGET_MASQUERADE=m NF_NAT_IPV6=m
    NETFILTER_XT_MATCH_ADDRTYPE=m NETFILTER_XT_MATCH_CONNTRACK=m NETFILTER_XT_MATCH_IPVS=m NETFILTER_XT_MARK=m`,
  '6.1': `NAMESPACES=y NET_NS=y PID_NS=y IPC_NS=y UTS_NS=y CGROUPS=y CGROUP_SCHED=y CGROUP_FREEZER=y CGROUP_DEVICE=y
    CPUSETS=y CGROUP_CPUACCT=y MEMCG=y CGROUP_BPF=y KEYS=y POSIX_MQUEUE=y VETH=m BRIDGE=m BRIDGE_NETFILTER=m
    IP_NF_FILTER=m IP_NF_MANGLE=m IP_NF_TARGET_MASQUERADE=m IP_NF_RAW=m IP_NF_NAT=m NF_NAT=m IP6_NF_FILTER=m
    IP6_NF_MANGLE=m IP6_NF_RAW=m IP6_NF_TARGET_MASQUERADE=m IP6_NF_NAT=m NETFILTER_XT_MATCH_ADDRTYPE=m
    NETFILTER_XT_MATCH_CONNTRACK=m NETFILTER_XT_MATCH_IPVS=m NETFILTER_XT_MARK=m`,
} as const;
