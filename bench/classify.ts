/**
 * How fast classify() reads, in MB per second of CPU time (so that a busy host measures the same): a large realistic
 * console (boot and daemon chatter, a report every 2 MB), and the worst case, reports back to back. Prints JSON.
 */
import process from 'node:process';
import { classify } from '../harness/diagnosis/index.js';

const megabytes = Number(process.argv[2] ?? 64);
const boring = [
  '[   12.345678] EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: (null)',
  '[   12.345912] systemd[1]: Started Journal Service.',
  '[   12.401233] device veth12ab34 entered promiscuous mode',
  '[   12.401250] IPv6: ADDRCONF(NETDEV_UP): veth12ab34: link is not ready',
  '[   12.512345] docker0: port 1(veth12ab34) entered forwarding state',
  'iteration 123: container started, pid namespace torn down in 3 ms',
  '[   12.600001] audit: type=1400 audit(1.2:3): apparmor="STATUS" operation="profile_load" name="x" pid=412 comm="apparmor_parser"',
  '[   12.700001] pci 0000:00:01.3: [8086:7113] type 00 class 0x068000',
].join('\n');
const oops = [
  '[  100.000001] BUG: unable to handle kernel NULL pointer dereference at 0000000000000008',
  '[  100.000002] IP: [<ffffffff81171a31>] d_hash_and_lookup+0x71/0x80',
  '[  100.000003] Oops: 0000 [#1] SMP',
  '[  100.000004] Pid: 412, comm: apt-get Not tainted 3.2.0-40-generic #64-Ubuntu',
  '[  100.000005] RIP: 0010:[<ffffffff81171a31>]  [<ffffffff81171a31>] d_hash_and_lookup+0x71/0x80',
  '[  100.000006] Call Trace:',
  '[  100.000007]  [<ffffffff811c1234>] proc_flush_task+0xa4/0x1b0',
  '[  100.000008]  [<ffffffff81068912>] release_task+0x32/0x480',
  '[  100.000009]  [<ffffffff81069123>] wait_consider_task+0x5a3/0x900',
  '[  100.000010] ---[ end trace 4eaa2a86a8e2da22 ]---',
].join('\n');

const chunk = `${`${boring}\n`.repeat(Math.ceil((2 << 20) / boring.length))}${oops}\n`;
const realistic = Buffer.from(
  chunk.repeat(Math.max(1, Math.round((megabytes << 20) / chunk.length))),
  'latin1',
);
const dense = Buffer.from(`${oops}\n`.repeat(9000), 'latin1');
process.stdout.write(
  `${JSON.stringify({ realistic: measure(realistic), dense: measure(dense) }, null, 2)}\n`,
);

function measure(console: Buffer): { megabytes: number; reports: number; megabytesPerSecond: number } {
  const runs = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    const reports = classify(console).length;
    const { user, system } = process.cpuUsage(start);
    return { reports, seconds: (user + system) / 1e6 };
  }).sort((one, other) => one.seconds - other.seconds);
  const median = runs[2] ?? { reports: 0, seconds: Number.NaN };
  const size = console.length / 1e6;
  return {
    megabytes: round(size),
    reports: median.reports,
    megabytesPerSecond: round(size / median.seconds),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
