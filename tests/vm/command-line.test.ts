import t from 'tap';
import { HarnessBug } from '../../harness/errors.js';
import { commandLine } from '../../harness/vm/command-line.js';
import type { Disk, MachineSpec } from '../../harness/vm/types.js';
import { madeUpSpec } from './made-up-spec.js';

const spec: MachineSpec = { ...madeUpSpec, bootArguments: ['slub_debug=FZP', 'x=1'] };

const disk = (id: string, path: string): Disk => ({ id, path });

const optionOf = (words: readonly string[], option: string): string | undefined =>
  words[words.indexOf(option) + 1];

t.test('a machine has no network, no display, no reboot, and a sandbox', async (t) => {
  const words = commandLine(spec);
  for (const word of ['-nodefaults', '-no-user-config', '-no-reboot']) t.ok(words.includes(word), word);
  t.equal(optionOf(words, '-nic'), 'none');
  t.equal(optionOf(words, '-display'), 'none');
  t.match(optionOf(words, '-sandbox'), /^on,.*spawn=deny/);
});

t.test('one that is to be copied may make processes, and nothing else more', async (t) => {
  const [usual, copied] = [commandLine(spec), commandLine(spec, { isCopied: true })];
  t.equal(optionOf(copied, '-sandbox'), optionOf(usual, '-sandbox')?.replace(',spawn=deny', ''));
  t.equal(copied.length, usual.length);
});

t.test('the shape and the kernel arguments are as asked for, after our own', async (t) => {
  const words = commandLine(spec);
  t.equal(optionOf(words, '-smp'), '2');
  t.equal(optionOf(words, '-m'), '256M');
  t.equal(optionOf(words, '-kernel'), '/k/bzImage');
  t.match(optionOf(words, '-append'), /console=ttyS0.* panic=1 .*slub_debug=FZP x=1$/);
});

t.test('an oops does not panic the machine, unless a row asks for it', async (t) => {
  t.notMatch(commandLine(spec).join(' '), /oops/);
  t.match(commandLine({ ...spec, bootArguments: ['oops=panic'] }).join(' '), /oops=panic/);
});

t.test('KVM gets the CPU of the host, TCG a plain one with a thread each', async (t) => {
  t.equal(optionOf(commandLine(spec), '-cpu'), 'qemu64');
  t.equal(optionOf(commandLine(spec), '-accel'), 'tcg,thread=multi');
  t.equal(optionOf(commandLine({ ...spec, accelerator: 'kvm' }), '-cpu'), 'host');
});

t.test('memory in a file is shared or copied on write; its path may hold a comma', async (t) => {
  const words = commandLine(spec, { memory: { kind: 'file', path: '/a,b/ram', share: false } });
  t.equal(optionOf(words, '-object'), 'memory-backend-file,id=ram,size=256M,mem-path=/a,,b/ram,share=off');
});

t.test(
  'a machine that waits for a saved state is the same one, without the files that it booted from',
  async (t) => {
    const boots = commandLine(spec);
    const waits = commandLine(spec, { awaitsState: true });
    t.same(waits, [...boots.slice(0, boots.indexOf('-kernel')), '-incoming', 'defer']);
  },
);

t.test(
  'disks are read-only, in their order on the bus, and the slot comes last, also where there are none',
  async (t) => {
    const devices = (words: readonly string[]) => words.filter((word) => word.startsWith('virtio-blk-pci'));
    t.same(devices(commandLine(spec)), ['virtio-blk-pci,id=slot,drive=blank,addr=1f']);
    const words = commandLine({ ...spec, disks: [disk('a', '/c,d/a'), disk('b', '/c/b')] });
    t.same(devices(words), [
      'virtio-blk-pci,id=disk0,drive=disk0,addr=10',
      'virtio-blk-pci,id=disk1,drive=disk1,addr=11',
      'virtio-blk-pci,id=slot,drive=blank,addr=1f',
    ]);
    t.equal(optionOf(words, '-blockdev'), 'driver=file,node-name=disk0,filename=/c,,d/a,read-only=on');
  },
);

t.test(
  'a recorded machine has neither disks nor slot: QEMU would log them only with a driver of its own',
  async (t) => {
    const executionLog = { mode: 'record', path: 'log', snapshots: 's' } as const;
    t.notMatch(commandLine(spec, { executionLog }).join(' '), /virtio-blk/);
    t.throws(() => commandLine({ ...spec, disks: [disk('a', '/a')] }, { executionLog }), HarnessBug);
    const nine = Array.from({ length: 9 }, (_, at) => disk(`${at}`, `/${at}`));
    t.throws(() => commandLine({ ...spec, disks: nine }), HarnessBug, 'the ninth would come near the slot');
  },
);
