import { codeOf } from './file-errors.js';

/** Asks a process that leads a group (execa's `detached`), and all of that group, to end. */
export function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGTERM');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
