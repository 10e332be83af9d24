import { outcomeWord, workText } from '../work-done.js';
import type { CellSide } from './types.js';

/** oops 1/1, #407 ! · stable? 0/20 41 % done ~ */
export function sideText(side: CellSide, text: (name: string) => string): string {
  const { failing, knownIssues, unexpected, mixed } = side;
  const issue =
    knownIssues.length > 0 ? `, ${knownIssues.map(text).join(', ')}` : failing > 0 ? ', no known issue' : '';
  return `${countedOutcome(side)}${issue}${mixed ? ' ~' : ''}${unexpected > 0 ? ' !' : ''}`;
}

/** oops 1/1 · stable? 0/20 41 % done */
export const countedOutcome = ({ outcome, failing, conclusive, work }: CellSide): string =>
  [outcomeWord(outcome, work), conclusive > 0 ? `${failing}/${conclusive}` : '', workText(work)]
    .filter(Boolean)
    .join(' ');
