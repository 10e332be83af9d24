#!/usr/bin/env node
import process from 'node:process';
import { CommanderError } from 'commander';
import { HostError } from '../errors.js';
import { endAllMachines, liveMachineCount } from '../vm/index.js';
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
// A reader that closes the pipe (head, less) isn't an error of ours; machines that run then end as after Ctrl-C, and what
// they told is kept.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1);
    if (stream === process.stdout && liveMachineCount() === 0) process.exit(0);
    interrupt.abort('EPIPE');
  });
}

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
