import type { Rule } from './rule.js';

/** Network devices and namespaces. */
export const network: readonly Rule[] = [
  {
    head: 'unregister_netdevice: waiting',
    pattern: /unregister_netdevice: waiting for (\S{1,32}) to become free/y,
    kind: 'unregister-netdevice',
    title: 'unregister_netdevice: waiting for $1 to become free',
    guilty: 'none',
    era: 'all',
    why: 'a leaked device reference; said again every 10 s, which is one report a device, and in the middle of other reports',
    family: 'network',
    stackless: true,
  },
];
