#!/usr/bin/env node
import process from 'node:process';
import { CommanderError } from 'commander';
import { HostError } from '../errors.js';
import { endAllMachines } from '../vm/index.js';
import { printError } from './print-error.js';
import { program } from './program.js';

/** Reads the command line, runs one command, sets the exit code. The only place that ends the process. */
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // a second Ctrl-C is someone who doesn't want to wait for evidence
    if (interrupt.signal.aborted) {
      endAllMachines();
      process.exit(130);
    }
    interrupt.abort(signal);
    // a command that reads standard input waits for nothing else
    process.stdin.destroy();
  });
}
// a reader that closes the pipe (head, less) isn't an error of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program(interrupt.signal).parseAsync();
} catch (error) {
  const interrupted = interrupt.signal.aborted;
  // an interrupt explains itself; a full disk met on the way out does not
  if (!interrupted || error instanceof HostError) process.exitCode = exitCodeOf(error);
  if (interrupted) process.exitCode = 130;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return printError(error);
}
