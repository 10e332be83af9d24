import { readFileSync } from 'node:fs';
import type { Machine } from '../../harness/vm/machine.js';

/** Resolves when the console has said the words; rejects where the machine ends without them. */
export function consoleSays(machine: Machine, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!machine.console.text().includes(words)) return;
      machine.console.off('text', look);
      resolve();
    };
    machine.console.on('text', look);
    machine.console.once('end', () => reject(new Error(`the console never said: ${words}`)));
    look();
  });
}

/** Whether a process runs; one that has ended and waits to be reaped doesn't (proc(5): the state follows the name). */
export function isAlive(pid: number | undefined): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
