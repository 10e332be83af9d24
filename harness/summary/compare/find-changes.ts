import { attemptsToDecide } from '../../statistics/attempts-to-decide.js';
import { type Judged, judgeRates } from '../../statistics/judge-rates.js';
import { isFailure, isWorse } from '../severity.js';
import { type Ending, endingsOf, type Sides, standsFor, timesOf } from './endings.js';
import type { Change } from './types.js';

/**
 * What each cell has in one run and not in the other, or at rates that are apart. Every outcome and signature of either run
 * counts in the correction, not only those that differ: choosing by the difference would spoil the test.
 */
export function findChanges(cells: readonly Sides[]): Change[][] {
  const endings = cells.map(endingsOf);
  const asked = endings.flatMap((mine) => mine.filter((one) => one === standsFor(one, mine)));
  const verdicts = judgeRates(asked.map(({ counts }) => counts));
  const judged = new Map(asked.map((ending, index) => [ending, verdicts[index]] as const));
  const found = cells.map((sides, index) => {
    const mine = endings[index] ?? [];
    return mine.flatMap((one) => {
      const verdict = judged.get(standsFor(one, mine));
      return verdict === undefined ? [] : changeOf(one, sides, verdict);
    });
  });
  const open = found.reduce((sum, changes) => sum + distinct(changes.filter(isOpen)), 0);
  // a night of one attempt per cell has the same two numbers in each
  const known = new Map<string, number | null>();
  const needed = ({ counts }: Pick<Change, 'counts'>): number | null => {
    const key = counts.map(({ failing, of }) => `${failing}/${of}`).join(' ');
    const before = known.get(key);
    if (before !== undefined) return before;
    const attempts = attemptsToDecide(...counts, open);
    known.set(key, attempts);
    return attempts;
  };
  return found.map((changes) =>
    changes.map((change) => ({ ...change, attempts: isOpen(change) ? needed(change) : 0 })),
  );
}

const isOpen = ({ judged }: Pick<Change, 'judged'>): boolean => judged.verdict === 'undecided';

const distinct = (changes: readonly Pick<Change, 'counts'>[]): number => new Set(changes.map(timesOf)).size;

function changeOf({ kind, name, counts }: Ending, sides: Sides, judged: Judged): Omit<Change, 'attempts'>[] {
  const [one, other] = counts;
  const onlyIn = other.failing === 0 ? 'A' : one.failing === 0 ? 'B' : null;
  const change = { kind, name, counts, onlyIn, judged } as const;
  const isTold =
    onlyIn !== null ||
    (judged.verdict === 'apart' && !isEveryFailure(counts, sides)) ||
    (kind === 'outcome' && name === changedOutcome(sides));
  return isTold ? [change] : [];
}

/** Where the two sides show different words, the worse of them, as each shows its worst: both may have come to it. */
function changedOutcome([one, other]: Sides): string | null {
  if (one.outcome === other.outcome || one.outcome === 'pending' || other.outcome === 'pending') return null;
  const worse = isWorse(one.outcome, other.outcome) ? one.outcome : other.outcome;
  return isFailure(worse) ? worse : 'unsupported';
}

/** The rates of failure have said it then. */
const isEveryFailure = (counts: Ending['counts'], sides: Sides): boolean =>
  sides.every(({ failing }, index) => failing === counts[index]?.failing);
