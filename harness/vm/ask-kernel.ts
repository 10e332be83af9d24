import { awaitProgress, type Limits } from './deadline.js';
import type { Machine } from './machine.js';
import type { MachineClock } from './machine-clock.js';

/** How a machine is waited for. */
export interface Patience {
  /** From its calibration; where it isn't known, one that is slower than most is assumed. */
  readonly slowness?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Stands still while the host runs others instead; each question gets its own where none is given. */
  readonly clock?: MachineClock | undefined;
  /** A longer answer is cut: seconds by that clock. */
  readonly mostSeconds?: number | undefined;
}

export type Question = 'nmi' | { readonly sysrq: string };

/** What a console said to a question. */
export interface Answer {
  /** Whether it is what a kernel says to this question, and not something else that it had to say meanwhile. */
  readonly answers: boolean;
  /** Whether some of it answers a SysRq key, this one or one that was asked before. */
  readonly answersSysrq: boolean;
  /** For people: the question, and what was said, bounded. */
  readonly note: string;
}

/**
 * Asks a machine with a SysRq key or an NMI, and hears its console until the answer is whole, or none has come.
 *
 * @throws QmpError, the signal's reason
 */
export async function askKernel(
  machine: Machine,
  question: Question,
  { slowness, signal, clock = machine.clock(), mostSeconds = 10 }: Patience = {},
): Promise<Answer> {
  const [name, words] =
    question === 'nmi' ? (['NMI', nmiWords] as const) : ([`SysRq ${question.sysrq}`, sysrqWords] as const);
  const heard: string[] = [];
  let characters = 0;
  let lastAt = clock.now();
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const listen = (text: string) => {
    lastAt = clock.now();
    if (characters < answerCharacters) heard.push(text);
    characters += text.length;
    // the words may be cut in two by a chunk's end
    if (words.test(heard.slice(-2).join(''))) begin();
  };
  machine.console.on('text', listen);
  try {
    if (question === 'nmi') await machine.nmi();
    else await machine.sysrq(question.sysrq);
    const patience = { signal, clock };
    const first = await awaitProgress(
      Promise.race([begun, machine.exit]),
      () => 0,
      withinSeconds(Math.min(answerSeconds(question, slowness), mostSeconds)),
      patience,
    );
    const rest = { quietSeconds: quietSeconds(slowness), totalSeconds: mostSeconds - first.seconds };
    if (first.end === 'reached') await awaitProgress(machine.exit, () => lastAt, rest, patience);
  } finally {
    machine.console.off('text', listen);
  }
  const said = heard.join('').slice(0, answerCharacters);
  return {
    answers: words.test(said),
    answersSysrq: sysrqWords.test(said),
    note: `${name}:\n${said === '' ? '(no answer)' : said}`,
  };
}

/** "SysRq : Show State" to 4.19, "sysrq: Show State" since. */
const sysrqWords = /sysrq ?: /i;

/** "Uhhuh. NMI received for unknown reason 31 on CPU 0."; whatever else the console says meanwhile proves nothing. */
const nmiWords = /\bNMI\b/;

const withinSeconds = (seconds: number): Limits => ({ totalSeconds: seconds, quietSeconds: seconds });

/**
 * How long a kernel may take to begin its answer, and how long it may pause in it. It answers from the interrupt, so that all
 * it needs is an end of the code that masks it. On Debian's 6.1 under TCG, beside a load of twelve on two cores, the first
 * words came after 0.06 s at most, and no pause was longer than 0.17 s.
 */
const answerSeconds = (question: Question, slowness = assumedSlowness): number =>
  (question === 'nmi' ? 1.5 : 2.5) + Math.min(slowness / 20, 2);

const quietSeconds = (slowness = assumedSlowness): number => 0.6 + Math.min(slowness / 50, 0.8);

/** Of a machine that was never measured. */
const assumedSlowness = 20;

/** A hostile or huge task list must not push the rest out of the evidence. */
export const answerCharacters = 60_000;
