import { normalFunction, type ParsedFrame } from './parse-frame.js';
import type { Body } from './read-body.js';
import { isEntry, isGenericHelper } from './rules/generic-helpers.js';
import type { Guilty } from './rules/rule.js';

/**
 * Names the function to blame: the one that the rule points at, or, where that is only a messenger (memcpy, a lock, the
 * code that reports), the nearest reliable caller that isn't. '' where none can be named.
 *
 * @param named the function of the headline, '' where it has none
 */
export function guiltyFunction(guilty: Guilty, named: string, body: Body): string {
  const reliable = body.frames.filter(({ frame }) => frame.reliable);
  switch (guilty) {
    case 'none':
      return '';
    case 'headline': {
      const name = normalFunction(named);
      if (name !== '' && !isGenericHelper(name)) return name;
      const from = reliable.findIndex(({ frame }) => frame.function === name);
      return firstBlamable(reliable.slice(from + 1));
    }
    case 'instruction': {
      const at = reliable.findIndex(({ instruction }) => instruction);
      return firstBlamable(at === -1 ? reliable : reliable.slice(at));
    }
    case 'stack':
      return firstBlamable(reliable);
    case 'lock':
      return firstBlamable(body.locks) || firstBlamable(reliable);
    case 'allocation':
      return (
        firstBlamable(reliable.filter(({ frame }) => !allocator.test(frame.function))) ||
        firstBlamable(reliable)
      );
    case 'entry':
      return entryPoint(reliable) || firstBlamable(reliable);
    default:
      return guilty satisfies never;
  }
}

/** sk_prot_alloc, alloc_netdev_mqs, htab_map_alloc, skb_clone. */
const allocator = /(?:^|_)(?:alloc|dup|clone)/;

function firstBlamable(frames: readonly ParsedFrame[]): string {
  return frames.find(({ frame }) => !isGenericHelper(frame.function))?.frame.function ?? '';
}

/**
 * A stall is sampled at a chance point of whatever loops; the innermost function differs from sample to sample. What
 * stays is how the CPU got into the kernel: the frame that the system call's, interrupt's or timer's entry code called.
 */
function entryPoint(frames: readonly ParsedFrame[]): string {
  let inner = '';
  for (const { frame } of frames) {
    if (isEntry(frame.function)) {
      if (inner !== '') return inner;
    } else if (!isGenericHelper(frame.function)) inner = frame.function;
  }
  return '';
}
