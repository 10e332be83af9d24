import { attemptsToDecide } from '../../statistics/attempts-to-decide.js';
import type { Count } from '../../statistics/count.js';
import { type Judged, judgeRates } from '../../statistics/judge-rates.js';
import { isFailure, isWorse } from '../severity.js';
import type { CellSide, Change } from './types.js';
import { wasTried } from './was-tried.js';

type Sides = readonly [CellSide, CellSide];
type Counts = readonly [Count, Count];

/** Something that attempts of a cell ended by, or met, and in how many. */
interface Ending {
  readonly kind: Change['kind'];
  readonly name: string;
  readonly counts: Counts;
}

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

function endingsOf([one, other]: Sides): Ending[] {
  if (!wasTried(one) || !wasTried(other)) return [];
  const names = (of: (side: CellSide) => object): string[] => [
    ...new Set([...Object.keys(of(one)), ...Object.keys(of(other))]),
  ];
  const ending = (kind: Ending['kind'], name: string, of: (side: CellSide) => number): Ending => ({
    kind,
    name,
    counts: [
      { failing: of(one), of: triedIn(one) },
      { failing: of(other), of: triedIn(other) },
    ],
  });
  return [
    ...names(({ outcomes }) => outcomes)
      .filter((name) => name !== 'stable')
      .map((name) => ending('outcome', name, ({ outcomes }) => outcomes[name] ?? 0)),
    ...names(({ findings }) => findings).map((name) =>
      ending('signature', name, ({ findings }) => findings[name] ?? 0),
    ),
  ];
}

const triedIn = ({ outcomes }: CellSide): number =>
  Object.values(outcomes).reduce((sum, attempts) => sum + attempts, 0);

/** Where one signature makes an outcome, the two are one question, and count once. */
const standsFor = (one: Ending, cell: readonly Ending[]): Ending =>
  one.kind === 'signature'
    ? one
    : (cell.find((other) => other.kind === 'signature' && countsOf(other) === countsOf(one)) ?? one);

const countsOf = ({ counts: [one, other] }: Pick<Ending, 'counts'>): string =>
  `${one.failing} ${other.failing}`;

const distinct = (changes: readonly Pick<Change, 'counts'>[]): number => new Set(changes.map(countsOf)).size;

function changeOf({ kind, name, counts }: Ending, sides: Sides, judged: Judged): Omit<Change, 'attempts'>[] {
  const [one, other] = counts;
  const onlyIn = other.failing === 0 ? 'A' : one.failing === 0 ? 'B' : null;
  const change = { kind, name, counts, onlyIn, judged } as const;
  if (kind === 'outcome') return name === changedOutcome(sides) ? [change] : [];
  return onlyIn !== null || (judged.verdict === 'apart' && !isEveryFailure(counts, sides)) ? [change] : [];
}

/** The outcome that one side shows and the other never came to: the worse of the two, as each shows its worst. */
function changedOutcome([one, other]: Sides): string | null {
  if (one.outcome === other.outcome || one.outcome === 'pending' || other.outcome === 'pending') return null;
  const worse = isWorse(one.outcome, other.outcome) ? one.outcome : other.outcome;
  return isFailure(worse) ? worse : 'unsupported';
}

/** The rates of failure have said it then. */
const isEveryFailure = (counts: Counts, sides: Sides): boolean =>
  sides.every(({ failing }, index) => failing === counts[index]?.failing);
