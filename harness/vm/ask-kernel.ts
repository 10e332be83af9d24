import { awaitProgress } from './deadline.js';
import type { Machine } from './machine.js';

/** A hostile or huge task list must not push the rest out of the evidence. */
export const answerCharacters = 60_000;
export const evidenceCharacters = 300_000;

/** Seconds of a machine that is so many times slower than its host; never over a minute. */
export const waiting =
  (slowness = 1) =>
  (seconds: number): number =>
    Math.min(seconds * Math.max(slowness, 1), 60);

/** What the console says after a question, until it has been quiet for a while. */
export async function answer(
  machine: Machine,
  ask: () => Promise<void>,
  quietSeconds: number,
  totalSeconds: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const heard: string[] = [];
  let characters = 0;
  const listen = (text: string) => {
    if (characters < answerCharacters) heard.push(text);
    characters += text.length;
  };
  machine.console.on('text', listen);
  try {
    await ask();
    await quiet(machine, quietSeconds, totalSeconds, signal);
  } finally {
    machine.console.off('text', listen);
  }
  return heard.join('');
}

/** Until the console has said nothing for so long, or for `totalSeconds`. */
export async function quiet(
  machine: Machine,
  quietSeconds: number,
  totalSeconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await awaitProgress(
    machine.exit,
    () => machine.console.lastByteAt,
    { quietSeconds, totalSeconds },
    { signal },
  );
}
