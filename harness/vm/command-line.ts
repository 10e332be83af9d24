import { HarnessBug } from '../errors.js';
import { kernelArguments } from './kernel-arguments.js';
import type { Disk, MachineSpec } from './types.js';

/**
 * File descriptors that QEMU inherits: ends of connected pairs of UNIX sockets, no path, no port (a copy gets connections in their
 * place); `state` is a template's. images/fork-server/copy.h knows the first three.
 */
export const machineDescriptors = { console: 3, channel: 4, qmp: 5, state: 6, forkServer: 7 } as const;

/** The largest disk that `fillSlot` takes. */
export const slotBytes = 2 ** 30;

/** Id of the device that it fills. */
export const machineSlot = 'slot';

/**
 * QEMU's arguments for a machine, without the program itself.
 *
 * Serial ports: ttyS0 is the console, ttyS1 the channel to the guest. RAM is a backend of its own named `ram`, so that a
 * template can put a file in its place and keep the rest. A machine that waits for a saved state has its kernel in there:
 * reading the files again would cost it a tenth of its start.
 */
export function commandLine(
  spec: MachineSpec,
  {
    memory = { kind: 'private' },
    awaitsState = false,
    isCopied = false,
    executionLog,
  }: CommandLineOptions = {},
): string[] {
  const { cpus, memoryMiB } = spec.shape;
  const { disks = [] } = spec;
  if (disks.length > mostDisks) throw new HarnessBug(`a machine of ${disks.length} disks`);
  // QEMU would log what they did only with a driver of its own (blkreplay)
  if (executionLog !== undefined && disks.length > 0) throw new HarnessBug('a recorded machine with disks');
  return [
    // its threads say what they are for (block-threads.ts)
    ['-name', 'kmatrix,debug-threads=on'],
    ['-no-user-config', '-nodefaults', '-display', 'none', '-nic', 'none', '-no-reboot'],
    ['-machine', 'pc,memory-backend=ram'],
    executionLog === undefined ? accelerated(spec) : logged(executionLog),
    ['-smp', String(cpus)],
    ['-m', `${memoryMiB}M`],
    ['-object', memoryObject(memory, memoryMiB)],
    // one that is copied makes processes; each copy forbids it itself (images/fork-server/copy.c)
    [
      '-sandbox',
      `on,obsolete=deny,elevateprivileges=deny,${isCopied ? '' : 'spawn=deny,'}resourcecontrol=deny`,
    ],
    ...serialPort('console', machineDescriptors.console),
    ...serialPort('channel', machineDescriptors.channel),
    ['-chardev', `socket,id=qmp,fd=${machineDescriptors.qmp}`, '-mon', 'chardev=qmp,mode=control'],
    ...(executionLog === undefined ? [...disks.map(disk), slot] : []),
    awaitsState ? ['-incoming', 'defer'] : booted(spec),
  ].flat();
}

export interface CommandLineOptions {
  readonly memory?: MemoryBacking | undefined;
  /** Whether the machine gets a saved state instead of booting. */
  readonly awaitsState?: boolean;
  /** Whether its process is to be copied. */
  readonly isCopied?: boolean;
  /** Records the machine's execution, or replays it: TCG whatever the spec says, on one thread. */
  readonly executionLog?: ExecutionLog | undefined;
}

/**
 * A log of everything that reaches a machine from outside (docs/system/replay.rst of QEMU): with it, the same machine runs
 * again instruction for instruction. QEMU 7.2 records machines of one vCPU only.
 */
export interface ExecutionLog {
  readonly mode: 'record' | 'replay';
  readonly path: string;
  /** A qcow2 image for the machine's first state, from which a debugger's steps backwards are run again. */
  readonly snapshots: string;
}

/** Where the guest's RAM lives: QEMU's own memory, or a file (written through, or copied on write). */
export type MemoryBacking =
  | { readonly kind: 'private' }
  | { readonly kind: 'file'; readonly path: string; readonly share: boolean };

const booted = ({ bzImage, initramfs, bootArguments }: MachineSpec): string[] => [
  ...['-kernel', bzImage, '-initrd', initramfs],
  ...['-append', [...kernelArguments, ...bootArguments].join(' ')],
];

function accelerated({ accelerator }: MachineSpec): string[] {
  switch (accelerator) {
    case 'kvm':
      return ['-accel', 'kvm', '-cpu', 'host'];
    case 'tcg':
      // a thread for each vCPU: races between CPUs are what the workloads are after; newer models are slower, not better
      return ['-accel', 'tcg,thread=multi', '-cpu', 'qemu64'];
    default:
      throw new HarnessBug(`no such accelerator: ${accelerator satisfies never}`);
  }
}

/** Time in the machine is a count of instructions, so that it passes the same each time. */
const logged = ({ mode, path, snapshots }: ExecutionLog): string[] => [
  ...['-accel', 'tcg,thread=single', '-cpu', 'qemu64'],
  ...['-icount', `shift=auto,rr=${mode},rrfile=${escaped(path)},rrsnapshot=init`],
  ...['-drive', `file=${escaped(snapshots)},format=qcow2,if=none,id=snapshots`],
];

function memoryObject(memory: MemoryBacking, memoryMiB: number): string {
  if (memory.kind === 'private') return `memory-backend-ram,id=ram,size=${memoryMiB}M`;
  const share = memory.share ? 'on' : 'off';
  return `memory-backend-file,id=ram,size=${memoryMiB}M,mem-path=${escaped(memory.path)},share=${share}`;
}

/** Addresses on the PCI bus: disks are found in their order, and the slot is known by its own (images/guest/agent/files.c). */
const firstDiskAddress = 0x10;
const mostDisks = 8;
const slotAddress = 0x1f;

const disk = ({ path }: Disk, index: number): string[] => [
  ...['-blockdev', `driver=file,node-name=disk${index},filename=${escaped(path)},read-only=on`],
  ...['-device', virtioBlock(`disk${index}`, `disk${index}`, firstDiskAddress + index)],
];

/** A blank disk, for files that come after the machine has begun (fillSlot): its size is that of the largest. */
const slot: readonly string[] = [
  ...['-blockdev', `driver=null-co,node-name=blank,size=${slotBytes},read-zeroes=on,read-only=on`],
  ...['-device', virtioBlock(machineSlot, 'blank', slotAddress)],
];

function virtioBlock(id: string, node: string, address: number): string {
  return `virtio-blk-pci,id=${id},drive=${node},addr=${address.toString(16)}`;
}

const serialPort = (id: string, descriptor: number): string[][] => [
  ['-chardev', `socket,id=${id},fd=${descriptor}`],
  ['-serial', `chardev:${id}`],
];

/** A comma in a value of QEMU's key=value lists is written twice (qemu(1)). */
const escaped = (value: string): string => value.replaceAll(',', ',,');
