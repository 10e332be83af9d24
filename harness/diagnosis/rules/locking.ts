import type { Rule } from './rule.js';

/** lockdep. Before 4.11 a headline read "[ INFO: … ]", since then "WARNING: …"; the rest of it is the same. */
export const locking: readonly Rule[] = ['INFO: ', 'WARNING: '].flatMap((head): Rule[] => {
  const era = head === 'INFO: ' ? 'to 4.10' : '4.11 and later';
  const rule = (words: string, title: string, why: string, rest: Partial<Rule> = {}): Rule => ({
    head,
    pattern: new RegExp(`${head}${words}`, 'y'),
    kind: 'lockdep',
    title,
    guilty: 'lock',
    era,
    why,
    family: 'lockdep',
    ...rest,
  });
  return [
    rule(
      '(?:possible (?:circular locking|recursive locking|irq lock inversion)|SOFTIRQ-|HARDIRQ-|soft-safe|[\\w-]+ lock order|possible deadlock|possible irq locking)',
      'possible deadlock',
      'guilty is who asked for the lock that closed the circle',
    ),
    rule('[\\w-]+-safe -> [\\w-]+-unsafe lock order', 'possible deadlock', 'as above'),
    rule(
      'inconsistent lock state',
      'inconsistent lock state',
      'a lock taken both with and without interrupts',
    ),
    rule(
      'suspicious (?:RCU usage|rcu_dereference)',
      'suspicious RCU usage',
      'no lock is at fault: the stack tells',
      {
        guilty: 'stack',
      },
    ),
    rule(
      'bad unlock balance detected',
      'bad unlock balance',
      'where it was released comes first, alone on its line; the locks listed are others',
      {
        guilty: 'stack',
      },
    ),
    rule(
      'held lock freed',
      'held lock freed',
      'the lock line says where it was taken; the stack, where freed',
      {
        guilty: 'stack',
      },
    ),
    rule(
      'lock held when returning to user space',
      'lock held on the way out',
      'the list of locks is all that comes',
      {
        stackless: true,
      },
    ),
    rule(
      'lock held (?:when|at) [a-z ]{4,40}',
      'lock held on the way out',
      'a lock outlives its task or system call',
    ),
    rule('[^\\n]{0,60}still has locks held', 'still has locks held', 'as above', { guilty: 'stack' }),
    rule('Nested lock was not taken', 'nested lock was not taken', 'as above'),
    rule(
      'trying to register non-static key',
      'trying to register non-static key',
      'a lock never initialised',
      {
        guilty: 'stack',
      },
    ),
  ];
});
