import t from 'tap';
import { decidingReport } from '../../harness/diagnosis/deciding-report.js';

t.test('a stall while a template boots would decide each attempt that begins there', async (t) => {
  const stall =
    '[    0.675900] Switching to clocksource acpi_pm\n' +
    '[    0.680146] INFO: rcu_sched self-detected stall on CPU { 1}  (t=1 jiffies g=18446744073709551317 q=2)\n' +
    '[    0.680146] sending NMI to all CPUs:\n' +
    '[    0.688448] Call Trace:\n' +
    '[    0.688448]  [<ffffffff81009406>] cpu_idle+0x76/0xd0\n' +
    '[    0.900000] Freeing unused kernel memory: 512k freed\n';
  t.match(decidingReport(stall), { kind: 'rcu-stall' });
  t.match(decidingReport('[    1.0] BUG: unable to handle kernel paging request at 6b6b6b6b\n'), {
    kind: 'oops',
  });
});

t.test('warnings, a memory cgroup’s OOM and a calm boot decide nothing', async (t) => {
  for (const console of [
    '[    0.1] Booting Linux\n',
    '[    0.1] WARNING: at kernel/x.c:1 some_function+0x1/0x2()\n',
    '[    3.7] Memory cgroup out of memory: Kill process 59 (feature-probe) score 973 or sacrifice child\n',
  ])
    t.equal(decidingReport(console), null, console);
});
