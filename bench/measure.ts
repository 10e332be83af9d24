/** One figure, with what it is held against in the same run. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly other?: { readonly name: string; readonly value: number };
  /** On value / other.value where there is another side, else on the value itself. */
  readonly target?: { readonly kind: 'at most' | 'at least'; readonly ratio: number };
}

export const ratioOf = ({ value, other }: Measure): number =>
  other === undefined ? value : value / other.value;

export function isMet(measure: Measure): boolean {
  const { target } = measure;
  if (target === undefined) return true;
  return target.kind === 'at most' ? ratioOf(measure) <= target.ratio : ratioOf(measure) >= target.ratio;
}

/** The figures whose bounds were not met; one that is no number has met none. */
export const missed = (measures: readonly Measure[]): Measure[] => measures.filter((each) => !isMet(each));
