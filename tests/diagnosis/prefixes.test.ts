import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';

/** Reports of several eras and kinds, as their kernels print them. */
const consoles = {
  oops: `BUG: unable to handle kernel NULL pointer dereference at 0000000000000010
IP: [<ffffffff811712f4>] d_hash_and_lookup+0x24/0x90
PGD 3d4b067 PUD 3d4c067 PMD 0
Oops: 0000 [#1] SMP
CPU 1
Pid: 903, comm: lxc-start Not tainted 3.4.110 #2
RIP: 0010:[<ffffffff811712f4>]  [<ffffffff811712f4>] d_hash_and_lookup+0x24/0x90
Call Trace:
 [<ffffffff811c7a11>] proc_flush_task+0x91/0x1d0
 [<ffffffff8105b2f7>] release_task+0x37/0x4a0
 [<ffffffff8165ab12>] system_call_fastpath+0x16/0x1b
---[ end trace 1c0ffee2deadbeef ]---`,
  warning: `------------[ cut here ]------------
refcount_t: addition on 0; use-after-free.
WARNING: CPU: 3 PID: 7711 at lib/refcount.c:25 refcount_warn_saturate+0x74/0x110
CPU: 3 PID: 7711 Comm: containerd Not tainted 6.1.55 #1
RIP: 0010:refcount_warn_saturate+0x74/0x110
Call Trace:
 <TASK>
 get_net_ns_by_fd+0x61/0x80
 setns_install+0x1a/0x90
 __x64_sys_setns+0x2b1/0x400
 </TASK>
---[ end trace 0000000000000000 ]---`,
  hang: `INFO: task dockerd:4242 blocked for more than 120 seconds.
      Not tainted 5.10.0-28-amd64 #1 Debian 5.10.209-2
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:dockerd         state:D stack:    0 pid: 4242 ppid:     1 flags:0x00000000
Call Trace:
 __schedule+0x2f1/0x8a0
 schedule+0x46/0xb0
 rwsem_down_write_slowpath+0x243/0x4c0
 copy_net_ns+0xa1/0x210
 create_new_namespaces+0x124/0x2b0`,
  sleeping: `BUG: sleeping function called from invalid context at mm/slab.h:413
in_atomic(): 1, irqs_disabled(): 0, pid: 81, name: dmsetup
CPU: 0 PID: 81 Comm: dmsetup Not tainted 4.14.300 #8
Call Trace:
 dump_stack+0x5c/0x85
 ___might_sleep+0xe2/0x100
 dm_pool_open_thing+0x33/0x140
 table_load+0x11b/0x390`,
  array: `UBSAN: shift-out-of-bounds in fs/btrfs/volumes.c:1171:12
shift exponent 64 is too large for 32-bit type 'int'
CPU: 2 PID: 1190 Comm: mount Not tainted 6.8.2 #1
Call Trace:
 <TASK>
 dump_stack_lvl+0x44/0x60
 __ubsan_handle_shift_out_of_bounds+0x152/0x1f0
 open_fs_devices+0x2a1/0x310
 btrfs_mount_root+0x1f4/0x480
 </TASK>`,
} as const;

type Prefix = (line: number) => string;
const two = (number: number): string => String(number).padStart(2, '0');
const six = (number: number): string => String(number).padStart(6, '0');

/** What stands before each line when a report reaches a reader. */
const prefixes: Readonly<Record<string, Prefix>> = {
  printk: (n) => `[   44.${six(n * 7)}] `,
  'printk with caller': (n) => `[   44.${six(n)}][  T903] `,
  'printk with level': (n) => `<4>[   44.${six(n)}] `,
  'dmesg -T': (n) => `[Tue Mar  3 09:41:${two(n)} 2026] `,
  'dmesg -H': (n) => (n === 1 ? '[Mar 3 09:41] ' : `[  +0.${six(n)}] `),
  'dmesg -d': (n) => `[   44.${six(n)} <    0.000007>] `,
  'dmesg -x': (n) => `${n === 1 ? 'kern  :alert : ' : 'kern  :warn  : '}[   44.${six(n)}] `,
  'dmesg -x with a clock': (n) =>
    `${n === 1 ? 'kern  :err   : ' : 'kern  :debug : '}[Tue Mar  3 09:41:${two(n)} 2026] `,
  'dmesg --time-format iso': (n) => `2026-03-03T09:41:${two(n)},${six(n)}+01:00 `,
  journal: (n) => `Mar 03 09:41:${two(n)} node7 kernel: `,
  'journal, iso': (n) => `2026-03-03T09:41:${two(n)}+0100 node7 kernel: `,
  messages: (n) => `Mar  3 09:41:${two(n)} node7 kernel: [   44.${six(n)}] `,
  'syslog with facility': (n) => `Mar  3 09:41:${two(n)} node7 kern.warn kernel: `,
  'remote syslog': (n) =>
    `192.168.7.20: user:  ${n === 1 ? 'crit' : 'info'}: (2026-03-03T09:41:${two(n)}.5Z) `,
  'broadcast without header': () => ' kernel:',
  'a bare host': () => 'node7: ',
  'clock in brackets': (n) => `[09:41:${two(n)}] `,
  'clock and milliseconds': (n) => `[09:41:${two(n)}.${100 + n}] `,
  'date with slashes': (n) => `[03/Mar/2026:09:41:${two(n)} +0000] `,
  'collector with level and thread': (n) => `2026/03/03 09:41:${two(n)} [INFO] (vm-3) serial> `,
  'log line of a daemon': (n) => `time="2026-03-03T09:41:${two(n)}Z" level=info vm=3 : `,
  epoch: (n) => `[17${78492400 + n}] `,
  'epoch with fraction': (n) => `[17${78492400 + n}.25] `,
  'epoch without brackets': (n) => `17${78492400 + n}.250 `,
  'label and stamp': (n) => `[rack2/node7/ttyS1] [   44.${six(n)}] `,
  'label without brackets': (n) => `node7-ttyS1| [   44.${six(n)}] `,
  'compose service': () => 'worker_1  | ',
  'clock and stamp': (n) => `09:41:${two(n)}.${100 + n} > [   44.${six(n)}] `,
  netconsole: (n) => `4,${1200 + n},${44_000_000 + n * 7},-;`,
  'netconsole with caller': (n) => `4,${1200 + n},${44_000_000 + n * 7},-,caller=T903;`,
  'netconsole with release': (n) => `6.1.55,4,${1200 + n},${44_000_000 + n * 7},-;`,
  'netconsole, fragment of another host': (n) => `10.0.3.9:6666 4,${1200 + n},${44_000_000 + n * 7},-;`,
  quoted: () => '> ',
  'quoted twice': () => '> > ',
  'quoted twice, closely': () => '>> ',
  'quoted with stamp': (n) => `> [   44.${six(n)}] `,
  'quoted by name': () => 'AB> ',
  bar: () => '| ',
  colon: () => ': ',
  hash: () => '# ',
  indented: () => '        ',
  tab: () => '\t',
  'line numbers': (n) => `${String(100 + n).padStart(5)}: `,
  grep: (n) => `console.log:${100 + n}:`,
  coloured: (n) => `\x1b[32m[   44.${six(n)}] \x1b[0m\x1b[31m`,
};

for (const [name, prefix] of Object.entries(prefixes)) {
  for (const end of ['\n', '\r\n']) {
    t.test(`${name}, lines ending in ${JSON.stringify(end)}, reads like the plain text`, async (t) => {
      for (const [kind, plain] of Object.entries(consoles)) {
        const text = plain
          .split('\n')
          .map((line, index) => `${prefix(index + 1)}${line}${end}`)
          .join('');
        t.same(read(text), read(plain), kind);
      }
    });
  }
}

t.test('the plain texts are read as their kernels meant them', async (t) => {
  t.match(read(consoles.oops), [{ kind: 'oops', function: 'd_hash_and_lookup', knownIssue: '#407' }]);
  t.match(read(consoles.warning), [{ kind: 'refcount', function: 'get_net_ns_by_fd' }]);
  t.match(read(consoles.hang), [{ kind: 'hung-task', function: 'copy_net_ns', comm: 'dockerd' }]);
  t.match(read(consoles.sleeping), [{ kind: 'bug', function: 'dm_pool_open_thing' }]);
  t.match(read(consoles.array), [{ kind: 'ubsan', function: 'open_fs_devices' }]);
  for (const plain of Object.values(consoles))
    t.match(read(plain), [{ corrupted: false, truncated: false }], 'whole');
});

t.test('a prefix in the middle of other text, and texts with several', async (t) => {
  const framed = ['Hello list,', '', 'this night one of our nodes died. See below:', ''].join('\n');
  const quoted = consoles.array.replaceAll(/^/gm, '> ');
  t.same(read(`${framed}${quoted}\n\nIt is the third one. Any idea?\nRegards\n`), read(consoles.array));
  const mixed = consoles.warning
    .split('\n')
    .map((line, index) =>
      index < 4
        ? `Mar  3 09:41:07 node7 kernel: [   44.00${index}000] ${line}`
        : `[   44.00${index}000] ${line}`,
    )
    .join('\n');
  t.same(read(mixed), read(consoles.warning));
});

t.test('a word that lines have in common by chance is no prefix', async (t) => {
  const chatter = 'worker says BUG: none\nworker says hello\nworker is idle\nworker DEBUG: x of y\n';
  t.same(classify(chatter), []);
  const log = Array.from({ length: 20 }, (_, n) => `app[${n}]: BUG: no connection, attempt ${n}\n`).join('');
  t.same(classify(log), [], 'a program that logs');
  t.same(classify(`[    1.000000] quiet\n${log}`), []);
});

function read(text: string) {
  return classify(Buffer.from(text, 'latin1')).map((report) => {
    const { kind, function: name, signature, knownIssue, corrupted, truncated, comm, frames } = report;
    return { kind, function: name, signature, knownIssue, corrupted, truncated, comm, frames: frames.length };
  });
}
