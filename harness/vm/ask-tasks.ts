import { messageOf } from '../errors.js';
import { printable } from '../host/printable.js';
import { answerCharacters, askKernel, type Patience } from './ask-kernel.js';
import type { Machine } from './machine.js';

/**
 * Asks a kernel that lives what its tasks wait for: SysRq w for those that can't be interrupted, t for all. The machine
 * goes on as before.
 *
 * @returns for people: bounded, printable
 * @throws the signal's reason
 */
export async function askTasks(machine: Machine, patience: Patience = {}): Promise<string> {
  const notes: string[] = [];
  try {
    for (const sysrq of ['w', 't']) notes.push((await askKernel(machine, { sysrq }, patience)).note);
  } catch (error) {
    patience.signal?.throwIfAborted();
    notes.push(`the machine could not be asked: ${messageOf(error)}`);
  }
  return printable(notes.join('\n'), 3 * answerCharacters);
}
