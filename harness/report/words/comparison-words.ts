import { counted } from '../../host/counted.js';
import { printable } from '../../host/printable.js';
import { hasNoQuestion } from '../../summary/compare/cell-questions.js';
import { changed, isApart } from '../../summary/compare/differences.js';
import { triedInBoth } from '../../summary/compare/gaps.js';
import type { Comparison, RunName } from '../../summary/compare/types.js';
import { jobsText } from '../../summary/words.js';
import { workText } from '../../summary/work-done.js';
import { withRates } from './rates.js';

/** Each name, and not the list that it stands in: a signature that is new must not be cut away by those before it. */
export const boundedName = (name: string): string => printable(name.replace(/\s+/g, ' ').trim(), 120);

/** Which two runs these are. */
export function runsText({ runs: [one, other] }: Comparison): string {
  return `Run A is ${runText(one)}, run B is ${runText(other)}.`;
}

/** 20261126T001029Z-3e745d (seed 407, tcg, 2 to 8 machines at a time) */
function runText({ id, seed, accelerator, jobs, sessionDifferences }: RunName): string {
  const facts = [`seed ${seed}`, accelerator];
  if (jobs) facts.push(`${jobsText(jobs)} machine${jobs.most === 1 ? '' : 's'} at a time`);
  if (sessionDifferences.length > 0)
    facts.push(`made in sessions that differ in ${sessionDifferences.map(({ what }) => what).join(', ')}`);
  return `${id} (${facts.join(', ')})`;
}

/** 2 of 298 cells ended differently; no rates are apart; 190 cells have no attempts in one of the runs. */
export function verdictText(comparison: Comparison): string {
  const { cells, onlyIn } = comparison;
  const tried = triedInBoth(comparison).length;
  const apart = cells.filter(isApart).length;
  const { undecided, withoutQuestion } = openRates(comparison);
  const gaps = cells.length - tried + onlyIn.flat().length;
  const differing = changed(comparison).length;
  const said = [
    tried === 0
      ? 'No cell has attempts in both runs'
      : `${differing === 0 ? 'None' : differing} of ${counted(tried, 'cell')} with attempts in both runs ended differently`,
    ...(tried === 0
      ? []
      : [`${apart === 0 ? 'no rates are apart' : `rates are apart in ${apart}`}, undecided in ${undecided}`]),
    ...(withoutQuestion === 0 ? [] : [`${withoutQuestion} ${lackedByBoth}`]),
    ...(gaps === 0 ? [] : [`${counted(gaps, 'cell')} can't be compared`]),
  ];
  return `${said.join('; ')}.`;
}

/** Cells whose rates more attempts would decide, and those that have none in either run. */
function openRates(comparison: Comparison): { readonly undecided: number; readonly withoutQuestion: number } {
  const open = triedInBoth(comparison).filter(({ verdict }) => verdict === 'undecided');
  const withoutQuestion = open.filter(hasNoQuestion).length;
  return { undecided: open.length - withoutQuestion, withoutQuestion };
}

const lackedByBoth = 'without a rate, as both kernels lack what they need';

/** What the number of attempts means that a line of the differences ends with. */
export function changesText({ method: { power } }: Comparison): string {
  return (
    'A changed outcome or signature is shown whatever the test says about the rates. To decide: new attempts per run ' +
    `after which it would be apart or alike, if the true rates are as seen (power ${power}); kmatrix compare --confirm makes them.`
  );
}

/** How many rates are apart, alike and undecided, and by which test. */
export function ratesText(comparison: Comparison): string {
  const cells = triedInBoth(comparison);
  const count = (wanted: 'apart' | 'alike'): number =>
    cells.filter(({ verdict }) => verdict === wanted).length;
  const { undecided, withoutQuestion } = openRates(comparison);
  const { test, level, correction, equivalence, cells: of } = comparison.method;
  const percent = (rate: number): string => `${Math.round(rate * 100)} %`;
  const margin = `${Math.round(equivalence.margin * 100)} points`;
  return (
    `Of ${counted(cells.length, 'cell')} with attempts in both runs, the rates of failure are apart in ${count('apart')}, alike in ` +
    `${count('alike')}, undecided in ${undecided}${withoutQuestion === 0 ? '' : `, and ${withoutQuestion} ${lackedByBoth}`}. Apart: ${test}, at ${percent(level)}, corrected for its number: ${correction}, here ` +
    `${of.counted} of ${of.compared}. Alike: the ${percent(equivalence.confidence)} interval of the difference (${equivalence.interval}) ` +
    `lies within ${margin} either way, and the test alone sees none. Undecided: everything else.`
  );
}

/** What the table leaves out, and what its figures and marks mean: a paragraph each. */
export function closing(comparison: Comparison): string[] {
  const shown = withRates(comparison).length;
  const omitted = triedInBoth(comparison).length - shown;
  const legend =
    'Failing: attempts in which the kernel or its operation failed, of those that say anything about it, with the 95 % ' +
    'interval (Clopper-Pearson). A report is counted under its known issue, or under its signature. Times and iterations, from ' +
    "the workload's start to the first report, of the attempts that came to one: least / lower quartile / median / upper quartile / most.";
  const sides = comparison.cells.flatMap((cell) => cell.sides);
  const marks = [
    ...(sides.some(({ work }) => workText(work) !== '')
      ? [
          'k % done: of the iterations asked for, where attempts without a failure hit their time limit; stable? where that is less than 80 %.',
        ]
      : []),
    ...(sides.some(({ mixed }) => mixed) ? ['~: attempts of sessions that differ.'] : []),
  ];
  return [
    ...(omitted === 0
      ? []
      : [
          `${shown === 0 ? '' : 'Not in this table: '}${counted(omitted, 'cell')} without a failure in either run and with too few attempts for a rate that says more.`,
        ]),
    ...(shown === 0 ? [] : [legend]),
    ...marks,
  ];
}
