import { changed, differenceColumns, differenceRow } from '../../summary/compare/differences.js';
import { gapLines } from '../../summary/compare/gaps.js';
import { sourcesText } from '../../summary/compare/sources.js';
import type { Comparison } from '../../summary/compare/types.js';
import { userlandText } from '../../summary/compare/userlands.js';
import {
  boundedName,
  changesText,
  closing,
  ratesText,
  runsText,
  verdictText,
} from '../words/comparison-words.js';
import { rateColumns, rateRows, withRates } from '../words/rates.js';
import { table } from './table.js';
import { markdownText } from './text.js';

/** A comparison as a page to publish. */
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
          ...table([differenceColumns, ...cells.map((cell) => differenceRow(cell, boundedName).map(marked))]),
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
    ...(comparison.userlands.length === 0
      ? []
      : [...comparison.userlands.map((one) => `- ${markdownText(userlandText(one), 1000)}`), '']),
    ...(comparison.sources.length === 0 ? [] : [markdownText(sourcesText(comparison.sources), 4000), '']),
    ...closing(comparison).flatMap((text) => [text, '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const endless = Number.POSITIVE_INFINITY;

/** As in a run's own page. */
const marked = (text: string): string => markdownText(text, endless).replace(/ !$/, ' **!**');
