import process from 'node:process';
import { classify } from '../harness/diagnosis/classify.js';
import { FatalText } from '../harness/diagnosis/fatal-text.js';
import { median } from '../harness/statistics/quantile.js';
import type { Measure } from './measure.js';

/**
 * How fast classify() reads, in MB per second of CPU time (so that a busy host measures the same): a large realistic
 * console (boot and daemon chatter, a report every 2 MB), and the worst case, reports back to back.
 */
export function measureClassify(megabytes = 64): Measure[] {
  const chunk = `${`${boring}\n`.repeat(Math.ceil((2 << 20) / boring.length))}${oops}\n`;
  const chunks = Math.max(1, Math.round((megabytes << 20) / chunk.length));
  const realistic = Buffer.from(chunk.repeat(chunks), 'latin1');
  const dense = Buffer.from(`${oops}\n`.repeat(9000), 'latin1');
  return [
    {
      name: `classify, console of ${megabytes} MB`,
      unit: 'MB/s',
      value: megabytesPerSecond(realistic, chunks),
      target: { kind: 'at least', ratio: 100 },
    },
    { name: "watcher's search for fatal words, per 4 KiB", unit: 'MB/s', value: watcherMegabytesPerSecond() },
    { name: 'classify, reports back to back', unit: 'MB/s', value: megabytesPerSecond(dense, 9000) },
  ];
}

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

/** A console as it comes from a serial port; it sees every byte of every machine. */
function watcherMegabytesPerSecond(): number {
  const text = `${boring}\n`.repeat(20_000);
  const rates = Array.from({ length: 5 }, () => {
    const fatal = new FatalText();
    const start = process.cpuUsage();
    for (let at = 0; at < text.length; at += 4096) fatal.feed(text.slice(at, at + 4096));
    const { user, system } = process.cpuUsage(start);
    if (fatal.seen !== 'none') throw new Error('the watcher saw what is not there');
    return text.length / (user + system);
  });
  return median(rates);
}

function megabytesPerSecond(console: Buffer, expected: number): number {
  const rates = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    const found = classify(console).length;
    const { user, system } = process.cpuUsage(start);
    // a reader that finds nothing would be fast
    if (found !== expected) throw new Error(`classify found ${found} of ${expected} reports`);
    return console.length / (user + system);
  });
  return median(rates);
}
