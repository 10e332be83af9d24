import { printable } from '../../host/printable.js';
import { cellLabel } from '../../summary/compare/cell-label.js';
import { changed, differenceColumns, differenceRow, isApart } from '../../summary/compare/differences.js';
import { gapLines, triedInBoth } from '../../summary/compare/gaps.js';
import { hasNoQuestion } from '../../summary/compare/has-no-question.js';
import { sourcesText } from '../../summary/compare/sources.js';
import type { Comparison, RunName } from '../../summary/compare/types.js';
import { counted } from '../../summary/counted.js';
import { jobsText } from '../../summary/jobs-text.js';
import { workText } from '../../summary/work-done.js';
import { table } from '../markdown-table.js';
import { markdownText } from '../markdown-text.js';
import { tableWidth, textTable, wrap } from '../text-table.js';
import { rateColumns, rateRows, withRates } from './rates.js';

/** A comparison for people at a terminal: what differs, what can't be compared, then the rates. */
export function renderComparison(comparison: Comparison, width: number): string {
  const gaps = gapLines(comparison).map((line) => printable(line, 500));
  const sections = [
    [...wrap(runsText(comparison), width), ...wrap(verdictText(comparison), width)],
    differences(comparison, width),
    changed(comparison).length === 0 ? [] : wrap(changesText(comparison), width),
    gaps.flatMap((line) => wrap(line, width)),
    triedInBoth(comparison).length === 0 ? [] : wrap(ratesText(comparison), width),
    rates(comparison, width),
    comparison.sources.length === 0 ? [] : wrap(printable(sourcesText(comparison.sources), 4000), width),
    closing(comparison).flatMap((text) => wrap(text, width)),
    // a terminal shows its last lines
    wrap(verdictText(comparison), width),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The same as a page to publish. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const cells = changed(comparison);
  const gaps = gapLines(comparison);
  const rows = rateRows(withRates(comparison), { text: markdownText, name: (id) => id });
  const lines = [
    '# Two runs compared',
    '',
    runsText(comparison),
    '',
    `**${verdictText(comparison)}**`,
    '',
    ...(cells.length === 0
      ? []
      : [
          ...table([differenceColumns, ...cells.map((cell) => differenceRow(cell, bounded).map(marked))]),
          '',
          changesText(comparison),
          '',
        ]),
    ...(gaps.length === 0 ? [] : [...gaps.map((line) => `- ${markdownText(line, 500)}`), '']),
    '## Rates',
    '',
    ratesText(comparison),
    '',
    ...(rows.length === 0 ? [] : [...table([rateColumns, ...rows]), '']),
    ...(comparison.sources.length === 0 ? [] : [markdownText(sourcesText(comparison.sources), 4000), '']),
    ...closing(comparison).flatMap((text) => [text, '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Each name, and not the list that it stands in: a signature that is new must not be cut away by those before it. */
const bounded = (name: string): string => printable(name.replace(/\s+/g, ' ').trim(), 120);

const endless = Number.POSITIVE_INFINITY;

/** As in a run's own page. */
const marked = (text: string): string => markdownText(text, endless).replace(/ !$/, ' **!**');

function runsText({ runs: [one, other] }: Comparison): string {
  return `Run A is ${runText(one)}, run B is ${runText(other)}.`;
}

/** 20261126T001029Z-3e745d (seed 407, tcg, 2 to 8 machines at a time) */
function runText({ id, seed, accelerator, jobs, sessionDifferences }: RunName): string {
  const facts = [`seed ${seed}`, accelerator];
  if (jobs) facts.push(`${jobsText(jobs)} machines at a time`);
  if (sessionDifferences.length > 0)
    facts.push(`made in sessions that differ in ${sessionDifferences.map(({ what }) => what).join(', ')}`);
  return `${id} (${facts.join(', ')})`;
}

/** 2 of 298 cells ended differently; no rates are apart; 190 cells have no attempts in one of the runs. */
function verdictText(comparison: Comparison): string {
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

/** A line per cell: side by side where that fits, else as a sentence. */
function differences(comparison: Comparison, width: number): string[] {
  const rows = changed(comparison).map((cell) => differenceRow(cell, bounded));
  if (rows.length === 0) return [];
  const whole = [[...differenceColumns], ...rows].map((row) => row.map((text) => ({ text })));
  const legend = rows.some((row) => row.some((text) => text.endsWith(' !'))) ? ['! not as expected'] : [];
  if (tableWidth(whole) <= width) return [...textTable(whole), ...legend];
  return [
    ...rows.flatMap(([cell = '', one = '', other = '', change = '', rates = '', attempts = '']) => [
      ...wrap(`${cell}:`, width),
      ...wrap(`A ${one}; B ${other}; ${change}; rates: ${rates}; to decide: ${attempts}`, width, '  '),
    ]),
    ...legend,
  ];
}

/** What the number of attempts means that a line of the differences ends with. */
function changesText({ method: { power } }: Comparison): string {
  return (
    'A changed outcome or signature is shown whatever the test says of the rates. To decide: attempts of each run, made anew, ' +
    `after which it would be apart or alike, were the rates as seen (power ${power}); kmatrix compare --confirm makes them.`
  );
}

function ratesText(comparison: Comparison): string {
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

/** What was met is cut before it goes; what is left out of a narrow terminal is named below the table. */
function rates(comparison: Comparison, width: number): string[] {
  const cells = withRates(comparison);
  if (cells.length === 0) return [];
  for (const { without, signature } of narrower) {
    const text = (finding: string): string => printable(finding, signature);
    const kept = [...rateColumns.keys()].filter((at) => !without.includes(rateColumns[at] ?? ''));
    const rows = [[...rateColumns], ...rateRows(cells, { text, name: cellLabel })].map((row) =>
      kept.map((at) => ({ text: row[at] ?? '' })),
    );
    if (tableWidth(rows) > width && without !== narrower.at(-1)?.without) continue;
    const left = without.length === 0 ? [] : wrap(`No room for: ${without.join(', ')}.`, width);
    return [...textTable(rows), ...left];
  }
  return [];
}

const narrower: readonly { readonly without: readonly string[]; readonly signature: number }[] = [
  { without: [], signature: 200 },
  { without: [], signature: 40 },
  { without: ['iterations to it'], signature: 40 },
  { without: ['machines', 'iterations to it'], signature: 40 },
  { without: ['seconds to report', 'iterations to it'], signature: 40 },
  { without: ['machines', 'seconds to report', 'iterations to it'], signature: 40 },
  { without: ['machines', 'seconds to report', 'iterations to it'], signature: 20 },
  { without: ['machines', 'what was met', 'seconds to report', 'iterations to it'], signature: 0 },
  {
    without: ['machines', 'B less A', 'what was met', 'seconds to report', 'iterations to it'],
    signature: 0,
  },
];

function closing(comparison: Comparison): string[] {
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
