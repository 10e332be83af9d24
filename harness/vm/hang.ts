import { messageOf } from '../errors.js';
import { printable } from '../host/printable.js';
import { answer, answerCharacters, evidenceCharacters, waiting } from './ask-kernel.js';
import type { Machine } from './machine.js';

/**
 * Asks a kernel that lives what its tasks wait for: SysRq w for those that can't be interrupted, t for all. The machine
 * goes on as before.
 *
 * @param slowness of the machine, from its calibration; stretches the waits
 * @returns for people: bounded, printable
 * @throws the signal's reason
 */
export async function askTasks(
  machine: Machine,
  { slowness, signal }: { readonly slowness?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const wait = waiting(slowness);
  const notes: string[] = [];
  try {
    for (const key of ['w', 't']) {
      const said = await answer(machine, () => machine.sysrq(key), wait(1), wait(10), signal);
      notes.push(`SysRq ${key}:`, said === '' ? '(no answer)' : said.slice(0, answerCharacters));
    }
  } catch (error) {
    signal?.throwIfAborted();
    notes.push(`the machine could not be asked: ${messageOf(error)}`);
  }
  return printable(notes.join('\n'), evidenceCharacters);
}
