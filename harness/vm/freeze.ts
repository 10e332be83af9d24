import { messageOf } from '../errors.js';
import { printable } from '../host/printable.js';
import { answerCharacters, askKernel, type Patience } from './ask-kernel.js';
import type { Machine } from './machine.js';
import type { Registers } from './registers.js';

/** What a silent machine still does. */
export type FreezeVerdict =
  /** It beat again while it was looked at: slow, not frozen. */
  | 'slow'
  /** QEMU ended, or holds the guest still itself: nothing of the kernel's. */
  | 'ended'
  | 'paused'
  /** QEMU itself doesn't answer: the host's trouble. */
  | 'unreachable'
  /** The host ran others in its place for so long that its silence says nothing. */
  | 'starved'
  /** The kernel takes interrupts and answers SysRq; user space does not run. */
  | 'answers-sysrq'
  /** The kernel answers only what can't be masked: interrupts are off. */
  | 'answers-nmi'
  /** Nothing answers. */
  | 'dead';

export interface FreezeEvidence {
  readonly verdict: FreezeVerdict;
  readonly frozen: boolean;
  /** For people: registers twice, what the console said to NMI and SysRq. Bounded, printable. */
  readonly text: string;
}

export interface FreezeOptions extends Patience {
  /** Counts signs of life of user space: heartbeats. */
  readonly beats: () => number;
}

/**
 * Tells slow from frozen, and takes evidence on the way. Registers and SysRq l come at once, w and t where the kernel
 * answered; an NMI, of which a healthy kernel complains on its console, comes last. A beat at any time makes it `slow`.
 *
 * It takes 10 s at most by the machine's clock (`MachineClock`): longer where the host runs others meanwhile.
 */
export async function confirmFrozen(machine: Machine, options: FreezeOptions): Promise<FreezeEvidence> {
  const beatsBefore = options.beats();
  const alive = () => options.beats() > beatsBefore;
  const clock = options.clock ?? machine.clock();
  const patience = { ...options, clock };
  let registers: string[] = [];
  const notes: string[] = [];
  const conclude = (verdict: FreezeVerdict): FreezeEvidence => ({
    verdict,
    frozen: verdict.startsWith('answers-') || verdict === 'dead',
    text: printable([...registers, ...notes].join('\n'), 5 * answerCharacters),
  });

  try {
    if (!(await machine.isRunning())) return conclude('paused');
    const first = await machine.registers();
    registers = compared(first);
    if (alive()) return conclude('slow');

    let sysrqAnswers = false;
    const keysEnd = clock.now() + keysSeconds * 1000;
    for (const sysrq of ['l', 'w', 't']) {
      const mostSeconds = Math.max(0, keysEnd - clock.now()) / 1000;
      const { answers, note } = await askKernel(machine, { sysrq }, { ...patience, mostSeconds });
      sysrqAnswers ||= answers;
      notes.push(note);
      if (alive()) return conclude('slow');
      // a kernel that takes no interrupt for one key takes none for the next
      if (!sysrqAnswers) break;
    }
    const nmi = await askKernel(machine, 'nmi', { ...patience, mostSeconds: nmiSeconds });
    notes.push(nmi.note);
    registers = compared(await machine.registers(), first);
    if (alive()) return conclude('slow');
    if (clock.isSpent) return conclude('starved');
    if (sysrqAnswers || nmi.answersSysrq) return conclude('answers-sysrq');
    return conclude(nmi.answers ? 'answers-nmi' : 'dead');
  } catch (error) {
    options.signal?.throwIfAborted();
    notes.push(`the machine could not be asked: ${messageOf(error)}`);
    return conclude(machine.console.ended ? 'ended' : 'unreachable');
  }
}

/** Of the 10 s that a look may take: for all three keys, and for the NMI. */
const keysSeconds = 6;
const nmiSeconds = 3.5;

function compared(now: Registers, before?: Registers): string[] {
  const cpus = now.cpus.map(({ rip, halted, interrupts }, index) => {
    const earlier = before && (before.cpus[index]?.rip ?? 'unknown');
    const moved = earlier === rip ? 'same as before' : `before ${earlier ?? 'not asked'}`;
    return `CPU ${index}: RIP ${rip} (${moved}), ${halted ? 'halted' : 'running'}, interrupts ${interrupts ? 'on' : 'off'}`;
  });
  return [...cpus, 'registers:', now.text.slice(0, answerCharacters)];
}
