import { counted } from '../../host/counted.js';
import { printable } from '../../host/printable.js';
import { mostAttempts } from '../../statistics/attempts-to-decide.js';
import { cellLabel } from '../../summary/compare/cell-questions.js';
import type { Confirmation, ConfirmedCell, ConfirmedChange } from '../../summary/compare/confirm.js';
import { countsText } from '../../summary/compare/differences.js';
import { standsFor } from '../../summary/compare/endings.js';
import { countedOutcome } from '../../summary/compare/side-text.js';

export const confirmationColumns = [
  'cell',
  'A made anew',
  'B made anew',
  'put to the test',
  'attempts of each',
  'verdict',
];

export const confirmationRows = ({ cells, comparison }: Confirmation): string[][] =>
  cells.map(({ id, attempts, changes, verdict }) => {
    const sides = comparison?.cells.find((cell) => cell.id === id)?.sides ?? [];
    const [one = '', other = ''] = sides.map((side) => `${countedOutcome(side)}${side.mixed ? ' ~' : ''}`);
    return [cellLabel(id), one, other, changesText(changes), String(attempts), verdictWords[verdict]];
  });

/** oops:one 2/20 and 8/20, undecided */
const changesText = (changes: readonly ConfirmedChange[]): string =>
  changes
    .filter((change) => standsFor(change, changes) === change)
    .map(({ name, counts, judged }) =>
      [
        printable(name, 120),
        judged === null ? 'not judged' : `${countsText(counts)}, ${judged.verdict}`,
      ].join(' '),
    )
    .join('; ');

const verdictWords: Readonly<Record<ConfirmedCell['verdict'], string>> = {
  apart: 'apart: the change is there',
  alike: 'alike: it is not, or is within the margin',
  undecided: 'undecided still',
};

/** What was not made, or not as the runs had it. */
export function confirmationNotes({ leftOut, changedSince }: Confirmation): string[] {
  return [
    ...(leftOut.length === 0
      ? []
      : [
          `Not made, as it would take over ${mostAttempts} attempts of each run (--attempts N makes as many as you like): ${leftOut.map(cellLabel).join(', ')}.`,
        ]),
    ...changedSince.flatMap((ids, side) =>
      ids.length === 0
        ? []
        : [
            `matrix.yml has changed since run ${side === 0 ? 'A' : 'B'}: its images were used, and the workload as it is now in both, of ${ids.map(cellLabel).join(', ')}.`,
          ],
    ),
  ];
}

/** 2 of 3 changes confirmed, 1 not, 0 undecided. */
export function confirmationVerdict({ cells, leftOut }: Confirmation): string {
  if (cells.length === 0)
    return leftOut.length > 0
      ? 'No change was put to the test.'
      : 'Nothing to confirm: no change is open between these runs.';
  const count = (wanted: ConfirmedCell['verdict']): number =>
    cells.filter(({ verdict }) => verdict === wanted).length;
  return `Of ${counted(cells.length, 'changed cell')}, judged by the new attempts alone, ${count('apart')} apart, ${count('alike')} alike, ${count('undecided')} undecided.`;
}
