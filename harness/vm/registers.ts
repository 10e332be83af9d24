import { z } from 'zod';
import type { Qmp } from './qmp.js';

/** The processors of a machine at one moment. */
export interface Registers {
  /** As QEMU's monitor prints them, bounded. */
  readonly text: string;
  readonly cpus: readonly CpuState[];
}

export interface CpuState {
  /** Instruction pointer, hex digits. */
  readonly rip: string;
  /** In HLT: idle, or waiting for an interrupt that may never come. */
  readonly halted: boolean;
  /** Takes interrupts: RFLAGS.IF. */
  readonly interrupts: boolean;
}

/**
 * Reads the registers of all CPUs of a running machine.
 *
 * @throws QmpError
 */
export async function readRegisters(qmp: Qmp): Promise<Registers> {
  const answer = await qmp.execute('human-monitor-command', { 'command-line': 'info registers -a' });
  return parseRegisters(z.string().parse(answer));
}

/** "RIP=ffffffff8100 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1"; EIP and EFL before long mode. */
export function parseRegisters(text: string): Registers {
  const line = /[RE]IP=([0-9a-f]+) [RE]FL=([0-9a-f]+).*? HLT=([01])/g;
  const cpus = Array.from(text.matchAll(line), ([, rip = '', flags = '', halted]) => ({
    rip,
    halted: halted === '1',
    interrupts: (Number.parseInt(flags, 16) & interruptFlag) !== 0,
  }));
  return { text: text.slice(0, 64 * 1024).replaceAll('\r', ''), cpus };
}

const interruptFlag = 0x200;
