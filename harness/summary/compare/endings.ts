import type { Count } from '../../statistics/rates.js';
import { worstFirst } from '../severity.js';
import { wasTried } from './cell-questions.js';
import type { CellSide, Change } from './types.js';

export type Sides = readonly [CellSide, CellSide];

/** Something that attempts of a cell ended by, or met, and in how many. */
export interface Ending extends Pick<Change, 'kind' | 'name' | 'counts'> {}

/** All that attempts of a cell ended by, the worst first, or met in either run; none where a run has no attempts. */
export function endingsOf(sides: Sides): Ending[] {
  const [one, other] = sides;
  if (!wasTried(one) || !wasTried(other)) return [];
  const outcomes = worstFirst.filter(
    (name) => name !== 'stable' && (name in one.outcomes || name in other.outcomes),
  );
  const signatures = new Set([one, other].flatMap(({ findings }) => Object.keys(findings)));
  return [
    ...outcomes.map((name) => endingOf(sides, { kind: 'outcome', name })),
    ...[...signatures].map((name) => endingOf(sides, { kind: 'signature', name })),
  ];
}

/** How many attempts of each run ended so, be it none. */
export function endingOf([one, other]: Sides, { kind, name }: Pick<Ending, 'kind' | 'name'>): Ending {
  const of = ({ outcomes, findings }: CellSide): number =>
    (kind === 'outcome' ? outcomes : findings)[name] ?? 0;
  const countOf = (side: CellSide): Count => ({ failing: of(side), of: triedIn(side) });
  return { kind, name, counts: [countOf(one), countOf(other)] };
}

const triedIn = ({ outcomes }: CellSide): number =>
  Object.values(outcomes).reduce((sum, attempts) => sum + attempts, 0);

/** Where one signature makes an outcome, the two are one question, and count once. */
export const standsFor = <Some extends Ending>(one: Some, cell: readonly Some[]): Some =>
  one.kind === 'signature'
    ? one
    : (cell.find((other) => other.kind === 'signature' && timesOf(other) === timesOf(one)) ?? one);

/** 2 8: in how many attempts of the one run, and of the other. Within one cell these tell questions apart. */
export const timesOf = ({ counts: [one, other] }: Pick<Ending, 'counts'>): string =>
  `${one.failing} ${other.failing}`;
