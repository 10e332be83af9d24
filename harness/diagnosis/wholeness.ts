import { compareLines } from '../versions/kernel-lines.js';
import type { Body } from './read-body.js';
import type { Family, Rule } from './rules/rule.js';

/** What is known of a report besides its body. */
export interface Circumstances {
  readonly rule: Rule;
  /** It has one headline: of an OOM, nobody was killed yet. */
  readonly isAlone: boolean;
  /** Families of all its headlines. */
  readonly families: ReadonlySet<Family>;
  /** A panic followed: with panic_on_warn it comes in the place of the rest. */
  readonly panicked: boolean;
  /** Of the kernel that reported; '' where the text names none. */
  readonly version: () => string;
}

/**
 * Whether the text ends before the report does: in the middle of a line or of a stack, before its kernel's end mark, or
 * before anything but the headline came.
 */
export function isTruncated(
  body: Body,
  { rule, isAlone, families, panicked, version }: Circumstances,
): boolean {
  if (body.isOpen || body.isTorn) return true;
  if (rule.family === 'network' || rule.family === 'panic') return false;
  if (rule.family === 'oom') return !rule.stackless && isAlone && !panicked;
  if (rule.stackless) return false;
  if (body.frames.length === 0 && !body.ended && !panicked) return true;
  if (panicked || body.ended || ![...families].some((family) => closed.has(family))) return false;
  const own = version();
  return own === '' || compareLines(own, firstWithEndTrace) >= 0;
}

/** Families whose reports end with "---[ end trace": oops_exit() and warn_slowpath(). */
const closed: ReadonlySet<Family> = new Set<Family>(['access', 'die', 'assertion', 'warning']);

/** Kernels print the mark from here on. */
const firstWithEndTrace = '2.6.25';

/**
 * Whether nothing of a stack is left though the wording has one, and no end mark says that there was none: neither a
 * frame, nor one marked `?`, but for the instruction pointer's own.
 */
export const isStackLost = (body: Body): boolean =>
  !body.ended && body.frames.every(({ instruction }) => instruction);
