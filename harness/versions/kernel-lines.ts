import { z } from 'zod';

/** Kernel lines in the order of their numbers, for sort(): 2.6.38, 3.2, 3.10. Below zero where `a` is older. */
export const compareLines = (a: string, b: string): number => numeric.compare(a, b);

/** Made once: localeCompare() makes one at each call, which costs microseconds. */
const numeric = new Intl.Collator('en', { numeric: true });

/** The document under test advises against every kernel before 2.6.32, so the matrix refuses older ones. */
const floor = '2.6.32';

/** Is this kernel line (2.6.31, 3.2) older than the floor? */
export const isBelowFloor = (line: string): boolean => compareLines(line, floor) < 0;

/** Kernel lines by their numbers: all of these hold for a line of the range. */
export type LineRange = readonly LineCondition[];

interface LineCondition {
  readonly is: keyof typeof comparisons;
  readonly line: string;
}

/** What a comparison's sign, below zero where a line is older, has to be. */
const comparisons = {
  '<': (sign: number) => sign < 0,
  '<=': (sign: number) => sign <= 0,
  '>': (sign: number) => sign > 0,
  '>=': (sign: number) => sign >= 0,
  '=': (sign: number) => sign === 0,
  '!=': (sign: number) => sign !== 0,
} as const;

/** '<3.8', '>=3.2 <3.8', '<3.8 !=3.1', '2.6.32': a line of matrix.yml says which kernels it is about, whatever they are called. */
export const lineRange = z.string().transform((text, context): LineRange => {
  const conditions = text
    .trim()
    .split(/\s+/)
    .map((word) => /^(<=|>=|!=|<|>|=)?(\d+\.\d+(?:\.\d+)?)$/.exec(word))
    .map((match) => ({ is: match?.[1] ?? '=', line: match?.[2] ?? '' }));
  const range = conditions.filter((one): one is LineCondition => isComparison(one.is) && one.line !== '');
  if (range.length === conditions.length) return range;
  context.addIssue({
    code: 'custom',
    message: "kernel lines are given as '<3.8', '>=3.2 <3.8', '<3.8 !=3.1' or '2.6.32'",
  });
  return z.NEVER;
});

/** Is this kernel line of the range? Every line is, of none. */
export const isInLines = (line: string, range: LineRange | undefined): boolean =>
  (range ?? []).every((condition) => comparisons[condition.is](compareLines(line, condition.line)));

/** >=3.2 <3.8: as it is written. */
export const rangeText = (range: LineRange): string =>
  range.map(({ is, line }) => (is === '=' ? line : `${is}${line}`)).join(' ');

const isComparison = (text: string): text is LineCondition['is'] => Object.hasOwn(comparisons, text);
