import { randomBytes } from 'node:crypto';
import type { Start } from '../guest/agent.js';
import { argumentsOf } from '../matrix/what-a-cell-asks.js';
import type { Attempt } from './types.js';

/**
 * What an attempt's workload is started with. Clock and entropy come with the order, since a restored machine has an old
 * clock and everybody's entropy.
 *
 * @param now clock of the machine in seconds since the epoch, and 32 bytes in hex; this host's where absent
 */
export function startOrder(
  { key, cell, files }: Pick<Attempt, 'key' | 'cell' | 'files'>,
  now: Pick<Start, 'time' | 'entropy'> = {
    time: Date.now() / 1000,
    entropy: randomBytes(32).toString('hex'),
  },
): Start {
  return {
    workload: cell.workload.program,
    seed: key.seed,
    iterations: cell.workload.iterations,
    ...now,
    args: argumentsOf(cell),
    ...(files !== undefined && { files }),
  };
}
