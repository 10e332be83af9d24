import t from 'tap';
import { parseRegisters } from '../../harness/vm/registers.js';

t.test('reads where each CPU is, whether it idles and whether it can be interrupted', async (t) => {
  const { cpus } = parseRegisters(
    [
      '',
      'CPU#0',
      'RAX=0000000000000001 RBX=0000000000000000',
      'RIP=ffffffffb3417a0b RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1',
      'CPU#1',
      'RIP=00000000004011a0 RFL=00000002 [-------] CPL=3 II=0 A20=1 SMM=0 HLT=0',
      'CPU#2',
      'EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=1',
    ].join('\r\n'),
  );
  t.strictSame(cpus, [
    { rip: 'ffffffffb3417a0b', halted: true, interrupts: true },
    { rip: '00000000004011a0', halted: false, interrupts: false },
    { rip: '0000fff0', halted: true, interrupts: false },
  ]);
});

t.test('other text has no CPUs', async (t) => t.strictSame(parseRegisters('no such command').cpus, []));
