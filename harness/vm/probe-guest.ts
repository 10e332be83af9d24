import { join } from 'node:path';
import { execa } from 'execa';
import writeFileAtomic from 'write-file-atomic';
import { cacheFolder } from '../host/cache.js';
import type { KvmProbe } from './accelerator.js';
import { endingWithParent } from './ending-with-parent.js';
import type { AcceleratorName, Qemu } from './types.js';

/**
 * Boots a guest of three instructions and tells whether it ran within the deadline. The guest is its own firmware: from
 * the reset vector it writes a byte to QEMU's isa-debug-exit port, whose answer is the exit status.
 */
export async function runProbeGuest(
  qemu: Qemu,
  accelerator: AcceleratorName,
  deadlineSeconds: number,
): Promise<KvmProbe> {
  const name = accelerator.toUpperCase();
  const [program, ...words] = endingWithParent([
    qemu.binary,
    ...probeArguments(accelerator, await firmwareFile()),
  ]);
  const { exitCode, timedOut, stderr, shortMessage } = await execa(program, words, {
    stdin: 'ignore',
    reject: false,
    timeout: deadlineSeconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024,
  });
  if (exitCode === provenExitCode) return { works: true, reason: `${name} ran a probe guest` };
  if (timedOut)
    return { works: false, reason: `${name} never ran the probe guest within ${deadlineSeconds} s` };
  const firstLine = (stderr || shortMessage || '').trim().split('\n')[0] ?? '';
  return { works: false, reason: `${name} did not run the probe guest: ${firstLine.slice(0, 300)}` };
}

const probeArguments = (accelerator: AcceleratorName, firmware: string): string[] => [
  ...['-no-user-config', '-nodefaults', '-display', 'none', '-no-reboot'],
  ...['-machine', 'pc', '-accel', accelerator, '-cpu', accelerator === 'kvm' ? 'host' : 'qemu64'],
  ...['-smp', '1', '-m', '16M', '-bios', firmware],
  ...['-device', `isa-debug-exit,iobase=0x${exitPort.toString(16)},iosize=1`],
];

const exitPort = 0xf4;
const proof = 0x2a;
/** hw/misc/debugexit.c: exit((value << 1) | 1). Neither 0 nor 1, which QEMU's own endings use. */
const provenExitCode = (proof << 1) | 1;

/** Kept in the cache, not in a temporary folder: the same bytes for ever, and nothing to remove. */
async function firmwareFile(): Promise<string> {
  const file = join(await cacheFolder('accelerator'), 'probe-firmware.bin');
  await writeFileAtomic(file, probeFirmware());
  return file;
}

/** 64 KiB that end at 4 GiB; the CPU starts 16 bytes before their end. */
function probeFirmware(): Buffer {
  const firmware = Buffer.alloc(64 * 1024, hlt);
  Buffer.from([movAl, proof, outAl, exitPort, hlt, jmpShort, -3 & 0xff]).copy(firmware, firmware.length - 16);
  return firmware;
}

/** Opcodes (Intel SDM volume 2): mov al, imm8; out imm8, al; hlt; jmp rel8. */
const movAl = 0xb0;
const outAl = 0xe6;
const hlt = 0xf4;
const jmpShort = 0xeb;
