import { awaitProgress } from './deadline.js';
import type { Machine } from './machine.js';

/** How long a machine is waited for: seconds of its host, times its slowness, never over a minute. */
export interface Patience {
  /** From its calibration. */
  readonly slowness?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a console said to a question. */
export interface Answer {
  /** '' where it said nothing. */
  readonly said: string;
  /** For people: the question, and the answer, bounded. */
  readonly note: string;
}

/**
 * Asks a machine with a SysRq key or an NMI, and hears its console until it has been quiet for a while.
 *
 * @throws QmpError, the signal's reason
 */
export async function askKernel(
  machine: Machine,
  question: { readonly sysrq: string } | 'nmi',
  patience: Patience,
): Promise<Answer> {
  const heard: string[] = [];
  let characters = 0;
  const listen = (text: string) => {
    if (characters < answerCharacters) heard.push(text);
    characters += text.length;
  };
  machine.console.on('text', listen);
  try {
    if (question === 'nmi') await machine.nmi();
    else await machine.sysrq(question.sysrq);
    await awaitQuiet(machine, { quietSeconds: 2, totalSeconds: question === 'nmi' ? 5 : 10 }, patience);
  } finally {
    machine.console.off('text', listen);
  }
  const said = heard.join('').slice(0, answerCharacters);
  const name = question === 'nmi' ? 'NMI' : `SysRq ${question.sysrq}`;
  return { said, note: `${name}:\n${said === '' ? '(no answer)' : said}` };
}

/** Until the console has said nothing for so long, or for `totalSeconds`, or the machine has ended. */
export async function awaitQuiet(
  machine: Machine,
  { quietSeconds, totalSeconds }: { readonly quietSeconds: number; readonly totalSeconds: number },
  { slowness = 1, signal }: Patience,
): Promise<void> {
  const scaled = (seconds: number) => Math.min(seconds * Math.max(slowness, 1), 60);
  await awaitProgress(
    machine.exit,
    () => machine.console.lastByteAt,
    { quietSeconds: scaled(quietSeconds), totalSeconds: scaled(totalSeconds) },
    { signal },
  );
}

/** A hostile or huge task list must not push the rest out of the evidence. */
export const answerCharacters = 60_000;
