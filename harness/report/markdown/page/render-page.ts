import { HarnessBug } from '../../../errors.js';
import type { PagedBug } from '../../../repro/bugs.js';
import type { Evidence } from '../../../repro/evidence/collect.js';
import { wrapProse } from '../wrap-prose.js';
import { firstReports, fixAlone } from './comparisons.js';
import { counted } from './counted-runs.js';
import { sources } from './sources.js';
import { trials } from './trials.js';
import { Ways } from './ways.js';
import { whichKernels } from './which-kernels.js';

/** A page as its words give it. */
export interface PageRequest {
  readonly bug: PagedBug;
  /** Markdown with figures to be put in: `{{trials exec}}` on a line of its own (docs/repro.md). */
  readonly words: string;
  /** How the folder of runs is named in links from the page. */
  readonly runs: string;
}

/**
 * The story of a bug: its history is told with sources, its figures are counted from stored runs. A section of which no figure can
 * be counted is left out.
 */
export function renderPage(evidence: Evidence, { bug, words, runs }: PageRequest): string {
  const ways = new Ways(evidence);
  const figures: Figures = {
    'which-kernels': () => whichKernels(evidence, bug),
    ways: () => ways.lines(),
    sources: () => sources(evidence),
    trials: (kind) => trials(evidence, kind, ways),
    'fix-alone': () => fixAlone(evidence, bug, ways),
    'first-reports': () => firstReports(evidence, runs),
    runs: () => counted(evidence),
  };
  const sections = words
    .trim()
    .split(/\n(?=## )/)
    .map((section) => filled(section.trim(), figures));
  const head = `<!-- Written by \`kmatrix page ${bug.id}\`: the figures of its tables are counted from the runs that are named at the end. -->`;
  return wrapProse(`${[head, ...sections.filter((section) => section !== '')].join('\n\n')}\n`);
}

/** What stands between the braces, with a word after it where one is needed → lines of Markdown. */
type Figures = Readonly<Record<string, (argument: string) => readonly string[]>>;

/** '' for a section that has places for figures, and no figures. */
function filled(section: string, figures: Figures): string {
  let places = 0;
  let found = 0;
  const text = section.replace(
    /^\{\{([a-z-]+)(?: ([\w-]+))?\}\}$/gm,
    (place, name: string, argument = '') => {
      const figure = Object.hasOwn(figures, name) ? figures[name] : undefined;
      if (figure === undefined) throw new HarnessBug(`a page wants ${place}, and nothing is called so`);
      const lines = figure(argument);
      places += 1;
      found += lines.length;
      return lines.join('\n');
    },
  );
  return places > 0 && found === 0 ? '' : text;
}
