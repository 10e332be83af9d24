import type { Rule } from './rule.js';

/** KASAN, KFENCE, KMSAN, KCSAN, UBSAN. The headline names the function that made the access. */
export const sanitizers: readonly Rule[] = [
  {
    head: 'BUG: ',
    pattern:
      /BUG: (?:KASAN|KASan): ([a-z -]{3,60}?)(?: in (?<fn>[\w.$:<>]+)(?:\+0x[0-9a-f]+)?| on address |$)/y,
    kind: 'kasan',
    title: 'KASAN: $1',
    guilty: 'headline',
    era: '4.0 and later',
    why: 'KASan to 4.3; a memory helper in the headline is only the messenger: the stack names its caller',
    family: 'sanitizer',
    anywhere: true,
  },
  {
    head: 'BUG: ',
    pattern: /BUG: KFENCE: ([a-z -]{3,60}?)(?: in (?<fn>[\w.$:<>]+)(?:\+0x[0-9a-f]+)?|$)/y,
    kind: 'kasan',
    title: 'KFENCE: $1',
    guilty: 'headline',
    era: '5.12 and later',
    why: 'sampled memory checker: the same class of defect as KASAN finds',
    family: 'sanitizer',
  },
  {
    head: 'BUG: ',
    pattern: /BUG: KMSAN: ([a-z -]{3,60}?)(?: in (?<fn>[\w.$:<>]+)(?:\+0x[0-9a-f]+)?|$)/y,
    kind: 'bug',
    title: 'KMSAN: $1',
    guilty: 'headline',
    era: '6.1 and later',
    why: 'uninitialised memory',
    family: 'sanitizer',
  },
  {
    head: 'BUG: ',
    pattern: /BUG: KCSAN: ([a-z: -]{3,60}?)(?: in (?<fn>[\w.$:<>]+)(?:\+0x[0-9a-f]+)?|$)/y,
    kind: 'bug',
    title: 'KCSAN: $1',
    guilty: 'headline',
    era: '5.8 and later',
    why: 'a data race; the first of the two functions is named',
    family: 'sanitizer',
  },
  {
    head: 'UBSAN: ',
    pattern: /UBSAN: (Undefined behaviour|[a-z-]{3,60}) in /y,
    kind: 'ubsan',
    title: 'UBSAN: $1',
    guilty: 'stack',
    era: '4.5 and later',
    why: 'file, line and column only: the stack names the function',
    family: 'sanitizer',
  },
];
