import { UsageError } from '../errors.js';
import { type Bug, loadBugs } from '../repro/bugs.js';

/** For words that only help: where bugs.yml can't be read, it is the command's own action that says so, and no other's. */
export function bugsForHelp(): readonly Bug[] {
  try {
    return loadBugs();
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}
