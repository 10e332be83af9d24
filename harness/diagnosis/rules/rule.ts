import type { ReportKind } from '../types.js';

/**
 * One wording by which a kernel announces an event. Rules are data: the tables beside this file are split by kind,
 * each row with its era and the reason for what is unusual in it.
 */
export interface Rule {
  /** Literal that the console is searched for; the pattern is tried where it was found. */
  readonly head: string;
  /** Sticky (`y`): tried exactly at the head. Groups 1 to 3 are for the title; a group named `fn` names a function. */
  readonly pattern: RegExp;
  readonly kind: ReportKind;
  /** Title without " in FUNCTION"; $1 to $3 stand for the pattern's groups. */
  readonly title: string;
  readonly guilty: Guilty;
  /** Kernels that print it; open at either end where it never began or never ended. */
  readonly era: string;
  readonly why: string;
  /** Family, for `joins`. */
  readonly family: Family;
  /** Families whose open report this wording continues: one event, several headlines. */
  readonly joins?: readonly Family[];
  /** When it joins, the more precise wording renames the report: a WARNING that turns out to be a refcount bug. */
  readonly takesOver?: boolean;
  /**
   * True: so telling that it counts in the middle of a line too, where another CPU or user space wrote first.
   * Otherwise it must begin a kernel message.
   */
  readonly anywhere?: boolean;
  /**
   * A machine seldom survives it: the first words of such a report end an attempt after a grace (fatal-words.ts); one
   * that panicked won't come back. Only wordings that count anywhere, in patterns that POSIX can say, too.
   */
  readonly fatal?: 'oops' | 'panic';
  /** Words that anybody may write: after a prefix that only the lines around show to be one, it takes a stack to count. */
  readonly vague?: boolean;
  /** The event's identity where no frame can be: a memory cgroup's OOM is the same whoever allocated last. */
  readonly signature?: string;
  /** Words in a line of the body by which the event is of a narrower kind, with a title and an identity of its own. */
  readonly narrower?: { readonly mark: RegExp; readonly title: string; readonly signature: string };
  /** No stack belongs to it, so a report without one is whole. */
  readonly stackless?: boolean;
}

/**
 * Where the guilty function stands: at the instruction pointer; in the headline itself; first in the stack; at the
 * lock that was about to be taken; at the entry into the kernel (what a sampled stall has in common from sample to
 * sample); first in the stack that isn't one of a subsystem's own allocators (what leaked is its caller's); nowhere.
 */
export type Guilty = 'instruction' | 'headline' | 'stack' | 'lock' | 'entry' | 'allocation' | 'none';

export type Family =
  | 'access'
  | 'die'
  | 'assertion'
  | 'panic'
  | 'bug'
  | 'warning'
  | 'detail'
  | 'lockup'
  | 'rcu'
  | 'oom'
  | 'lockdep'
  | 'sanitizer'
  | 'slab'
  | 'network'
  | 'unwinder';
