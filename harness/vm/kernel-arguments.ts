/**
 * kmatrix's own kernel arguments, the same for every kernel line. None of them changes what the kernel does on a fault
 * (no panic_on_oops: a machine that goes on after an oops tells more) or how its code is laid out or timed.
 */
export const kernelArguments: readonly string[] = [
  // Words of a kernel that dies before its console driver is up; given up when ttyS0 registers. Since before 2.6.32.
  'earlyprintk=ttyS0,115200',
  // The rate counts although nothing is paced by it on output: QEMU times a receive FIFO's flush by it.
  'console=ttyS0,115200',
  // Distributions lower the console's level in sysctl files and by `quiet`; loglevel= would be undone, this is not.
  'ignore_loglevel',
  // Stamps, from which a report's time in the machine is read.
  'printk.time=1',
  // A panic ends the machine a second later (-no-reboot). Not -1: before 3.1 that meant "never" (4302fbc8ec2c).
  'panic=1',
  // Distributions mask SysRq's dumps (438 lacks 8); the evidence of a freeze needs t, l and w.
  'sysrq_always_enabled',
  // check_timer() counts ticks against a calibrated delay loop, which a loaded host stretches: without KVM that is a
  // boot panic ("IO-APIC + timer doesn't work!") which says nothing about the kernel.
  'no_timer_check',
];
