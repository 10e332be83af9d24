import { isGenericHelper } from './rules/generic-helpers.js';
import type { Frame, ReportKind } from './types.js';

/** Frames that make the identity: deeper ones are shared by unrelated bugs, fewer tell too little apart. */
const depth = 3;

/**
 * What makes two reports the same bug: kind, guilty function and its next reliable callers, generic helpers left out.
 * Free of addresses, offsets, pids, modules and whatever else moves between boots and kernels.
 *
 * @param fallback used where no function can be named: the title without its numbers
 */
export function signatureOf(
  kind: ReportKind,
  guilty: string,
  frames: readonly Frame[],
  fallback: string,
): string {
  if (guilty === '') return `${kind}:${fallback.replace(/0x[0-9a-f]+|\d+/g, 'N').replace(/\s+/g, '-')}`;
  const names = [guilty];
  const start = frames.findIndex((frame) => frame.reliable && frame.function === guilty);
  for (const frame of frames.slice(start + 1)) {
    if (names.length === depth) break;
    if (!frame.reliable || isGenericHelper(frame.function) || frame.function === names.at(-1)) continue;
    names.push(frame.function);
  }
  return `${kind}:${names.join('<')}`;
}
