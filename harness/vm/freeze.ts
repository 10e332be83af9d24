import { messageOf } from '../errors.js';
import { printable } from '../host/printable.js';
import { answerCharacters, askKernel, awaitQuiet, type Patience } from './ask-kernel.js';
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
 * Tells slow from frozen, and takes evidence on the way: first only looks (registers twice), then asks with SysRq l, w, t,
 * last with an NMI, which a healthy kernel complains of. A beat at any time makes it `slow`.
 */
export async function confirmFrozen(machine: Machine, options: FreezeOptions): Promise<FreezeEvidence> {
  const beatsBefore = options.beats();
  const alive = () => options.beats() > beatsBefore;
  const notes: string[] = [];
  const conclude = (verdict: FreezeVerdict): FreezeEvidence => ({
    verdict,
    frozen: verdict.startsWith('answers-') || verdict === 'dead',
    text: printable(notes.join('\n'), 5 * answerCharacters),
  });

  try {
    if (!(await machine.isRunning())) return conclude('paused');
    const first = await machine.registers();
    await awaitQuiet(machine, { quietSeconds: 2, totalSeconds: 2 }, options);
    const second = await machine.registers();
    notes.push(...compared(first, second));
    if (alive()) return conclude('slow');

    let sysrqAnswers = false;
    for (const sysrq of ['l', 'w', 't']) {
      const { said, note } = await askKernel(machine, { sysrq }, options);
      sysrqAnswers ||= sysrqWords.test(said);
      notes.push(note);
      if (alive()) return conclude('slow');
    }
    const nmi = await askKernel(machine, 'nmi', options);
    notes.push(nmi.note);
    if (alive()) return conclude('slow');
    return conclude(sysrqAnswers ? 'answers-sysrq' : nmiWords.test(nmi.said) ? 'answers-nmi' : 'dead');
  } catch (error) {
    options.signal?.throwIfAborted();
    notes.push(`the machine could not be asked: ${messageOf(error)}`);
    return conclude(machine.console.ended ? 'ended' : 'unreachable');
  }
}

/** "SysRq : Show State" to 4.19, "sysrq: Show State" since. */
const sysrqWords = /sysrq ?: /i;

/** "Uhhuh. NMI received for unknown reason 31 on CPU 0."; whatever else the console says meanwhile proves nothing. */
const nmiWords = /\bNMI\b/;

function compared(first: Registers, second: Registers): string[] {
  const cpus = second.cpus.map(({ rip, halted, interrupts }, index) => {
    const before = first.cpus[index]?.rip;
    const moved = before === rip ? 'same as before' : `before ${before ?? 'unknown'}`;
    return `CPU ${index}: RIP ${rip} (${moved}), ${halted ? 'halted' : 'running'}, interrupts ${interrupts ? 'on' : 'off'}`;
  });
  return [...cpus, 'registers:', second.text.slice(0, answerCharacters)];
}
