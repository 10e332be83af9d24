import type { Rule } from './rule.js';

/** The end of the machine. Whether it is only the consequence of an earlier report is for judge.ts to say. */
export const panics: readonly Rule[] = [
  {
    head: 'Kernel panic - not syncing',
    pattern: /Kernel panic - not syncing: (?:NMI )?[Ww]atchdog detected hard LOCKUP/y,
    kind: 'hard-lockup',
    title: 'hard lockup',
    guilty: 'instruction',
    era: '2.6.38 and later',
    why: 'with hardlockup_panic the panic is the only announcement of the lockup',
    family: 'lockup',
    joins: ['lockup'],
    anywhere: true,
    fatal: 'panic',
  },
  {
    head: 'Kernel panic - not syncing',
    pattern:
      /Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: (?:\[?<?[0-9a-f]+>?\]?\s*)?(?<fn>[\w.]+)?/y,
    kind: 'panic',
    title: 'panic: stack is corrupted',
    guilty: 'headline',
    era: 'all',
    why: 'the stack protector names the victim in the headline (%pB since 4.17, a bare address before)',
    family: 'panic',
    anywhere: true,
    fatal: 'panic',
  },
  {
    head: 'Kernel panic - not syncing',
    pattern: /Kernel panic - not syncing: ?([^\n]{0,100})/y,
    kind: 'panic',
    title: 'panic: $1',
    guilty: 'stack',
    era: 'all',
    why: 'panic()',
    family: 'panic',
    anywhere: true,
    fatal: 'panic',
  },
];
