import type pc from 'picocolors';
import type { Outcome } from '../../matrix/types.js';

export type Colours = ReturnType<typeof pc.createColors>;
export type Paint = (text: string) => string;

/** Green for what is well, red and yellow for what the kernel did, dim for what could not be asked. */
export const outcomePaint = (outcome: Outcome | 'pending', colours: Colours): Paint =>
  ({
    stable: colours.green,
    oops: colours.red,
    panic: colours.red,
    lockup: colours.red,
    freeze: colours.red,
    'operation-killed': colours.yellow,
    'operation-failed': colours.yellow,
    unsupported: colours.dim,
    unavailable: colours.dim,
    pending: colours.dim,
    'harness-error': colours.magenta,
  })[outcome];
