import type { Rule } from './rule.js';

/** Self-checks that print "BUG:" and a stack, and go on. */
export const bugs: readonly Rule[] = [
  bug(/BUG: scheduling while atomic: /y, 'scheduling while atomic', 'schedule() with preemption off'),
  bug(
    /BUG: sleeping function called from (?:invalid context|illegal context)/y,
    'sleeping function called from invalid context',
    'might_sleep() in atomic context',
  ),
  bug(
    /BUG: using (\w+)\(\) in preemptible/y,
    'using $1() in preemptible code',
    'per-CPU data without preemption off',
  ),
  bug(
    /BUG: (?:spinlock|rwlock|rw_lock)(?:-lockup)? ?((?:bad magic|trylock failure on UP|lockup|recursion|wrong owner|wrong CPU|already unlocked|cpu recursion)[a-z ]*)/y,
    'spinlock $1',
    'SPINLOCK_DEBUG',
  ),
  bug(/BUG: Dentry [^\n]{0,80}still in use/y, 'dentry still in use', 'umount found a leaked reference'),
  bug(/BUG: workqueue leaked lock or atomic/y, 'workqueue leaked lock or atomic', 'checked after each work'),
  bug(/BUG: workqueue lockup/y, 'workqueue lockup', 'the watchdog of pools, 4.5 and later', {
    kind: 'soft-lockup',
    guilty: 'none',
    stackless: true,
    family: 'lockup',
  }),
  bug(/BUG: (?:corrupted|bad) list/y, 'corrupted list', 'arm and others', { kind: 'list-corruption' }),
  bug(
    /BUG: Bad (page state|page map|rss-counter state|page cache|rss counter)/y,
    'bad $1',
    'a page or its counters were freed twice, leaked or overwritten',
    { kind: 'bad-page', anywhere: true },
  ),
  bug(/BUG: non-zero (pgtables_bytes|nr_ptes|nr_pmds)/y, 'non-zero $1', 'page tables leaked at exit', {
    kind: 'bad-page',
    stackless: true,
  }),
  bug(
    /BUG: Invalid wait context/y,
    'invalid wait context',
    'lockdep: a lock that may sleep, taken where sleeping is forbidden',
    { kind: 'lockdep', guilty: 'lock', family: 'lockdep' },
  ),
  bug(/BUG: memory leak/y, 'memory leak', 'kmemleak report as printed by test robots', {
    anywhere: true,
    kind: 'memory-leak',
    guilty: 'allocation',
  }),
  bug(
    /BUG: lock held when returning to user space/y,
    'lock held on the way out',
    'before 3.3, as below; the list of locks is all that comes',
    { kind: 'lockdep', guilty: 'lock', family: 'lockdep', stackless: true },
  ),
  bug(/BUG: bad unlock balance/y, 'bad unlock balance', 'before 3.3; the place of release comes first', {
    kind: 'lockdep',
    family: 'lockdep',
  }),
  bug(
    /BUG: (held lock freed|lock held (?:when|at) [a-z ]{4,40}|still has locks held)/y,
    '$1',
    'lockdep before 3.3 said BUG: where it says WARNING: today',
    { kind: 'lockdep', guilty: 'lock', family: 'lockdep' },
  ),
  bug(/BUG: [^\n]{1,60} still has locks held/y, 'still has locks held', 'as above, with the task named', {
    kind: 'lockdep',
    guilty: 'lock',
    family: 'lockdep',
  }),
  bug(/BUG: (MAX_\w+) too low/y, '$1 too low', 'lockdep ran out of its own tables: no defect of the kernel', {
    kind: 'other',
    guilty: 'none',
    stackless: true,
  }),
  bug(/BUG: ([^\n]{3,100})/y, '$1', 'everything else that calls itself a BUG at the start of a message', {
    vague: true,
  }),
];

type Rest = Partial<Pick<Rule, 'kind' | 'guilty' | 'stackless' | 'family' | 'anywhere' | 'vague'>>;

function bug(pattern: RegExp, title: string, why: string, rest: Rest = {}): Rule {
  return {
    head: 'BUG: ',
    pattern,
    kind: 'bug',
    title,
    guilty: 'stack',
    era: 'all',
    why,
    family: 'bug',
    ...rest,
  };
}
