import type { Judged } from '../../statistics/judge-rates.js';

/** apart, p 0.01 · apart, p 0.0002 (0.004 corrected) · undecided, p 1 */
export function verdictText({ verdict, probability, corrected }: Judged): string {
  if (probability === null) return verdict;
  const p = `${verdict}, p ${probabilityText(probability)}`;
  return corrected === null || probabilityText(corrected) === probabilityText(probability)
    ? p
    : `${p} (${probabilityText(corrected)} corrected)`;
}

/** +18 to +66 points */
export const differenceText = ({ difference }: Judged): string =>
  difference === null ? '' : `${points(difference.low)} to ${points(difference.high)} points`;

function probabilityText(probability: number): string {
  if (probability >= 0.9995) return '1';
  return probability < 0.0001 ? '< 0.0001' : String(Number(probability.toPrecision(2)));
}

function points(rate: number): string {
  const rounded = Math.round(rate * 100);
  return rounded > 0 ? `+${rounded}` : String(rounded).replace('-', '−');
}
