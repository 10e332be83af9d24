#!/usr/bin/env node
import process from 'node:process';
import { CommanderError } from 'commander';
import { HostError, messageOf } from '../errors.js';
import { endAllMachines, liveMachineCount } from '../vm/live-machines.js';
import { endOnSignals } from './end-on-signals.js';
import { printError } from './print-error.js';
import { program } from './program.js';

/** Reads the command line, runs one command, sets the exit code. The only place that ends the process. */
const interrupt = new AbortController();
endOnSignals({
  interrupt: (signal) => {
    interrupt.abort(signal);
    // a command that reads standard input waits for nothing else
    process.stdin.destroy();
  },
  abandon: endAllMachines,
});
// Nobody reads the progress any more (head, less, a terminal that is gone): as after Ctrl-C, what finished is kept.
process.stderr.on('error', () => interrupt.abort('stderr'));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // it is ending already, and nobody reads what it still says
  if (interrupt.signal.aborted) return;
  if (error.code !== 'EPIPE') {
    process.exit(printError(new HostError(`standard output can’t be written: ${messageOf(error)}`)));
  }
  // the exit code is the command's own: it was set before what nobody wanted to read
  if (liveMachineCount() === 0) process.exit();
  interrupt.abort('stdout');
});

try {
  const kmatrix = await program(interrupt.signal, process.argv.slice(2));
  await kmatrix.parseAsync();
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
