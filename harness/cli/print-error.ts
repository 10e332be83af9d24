import process from 'node:process';
import pc from 'picocolors';
import { KmatrixError, messageOf } from '../errors.js';
import { printable } from '../host/printable.js';

/** One clear error on stderr: what, where, what to do. Returns the exit code that belongs to it. */
export function printError(error: unknown): number {
  const colour = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported);
  if (!(error instanceof KmatrixError)) {
    const details = error instanceof Error && error.stack ? error.stack : messageOf(error);
    process.stderr.write(`${colour.red('kmatrix: internal error:')} ${printable(details)}\n`);
    return 70;
  }
  // the words may be a guest's or a file's; the colours are ours
  const lines = [`${colour.red('kmatrix:')} ${printable(error.message)}`];
  if (error.where) lines.push(`  at ${printable(error.where)}`);
  for (const cause of causesOf(error)) lines.push(`  because ${printable(cause)}`);
  if (error.remedy) lines.push(`  ${colour.bold('→')} ${printable(error.remedy)}`);
  process.stderr.write(`${lines.join('\n')}\n`);
  return error.exitCode;
}

/** What was said already is left out. */
function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause, depth = 0; cause !== undefined && depth < 4; depth += 1) {
    const words = messageOf(cause);
    if (![error.message, ...causes].some((said) => said.includes(words))) causes.push(words);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}
