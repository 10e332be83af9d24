import { renderPage as renderPageOf } from '../../../harness/report/markdown/page/render-page.js';
import { findBug, isPaged, loadBugs } from '../../../harness/repro/bugs.js';
import { collect as collectOf, type Evidence } from '../../../harness/repro/evidence/collect.js';
import { pageWords } from '../../../harness/repro/page-words.js';

export const bug = findBug(loadBugs().filter(isPaged), '407');
const words = await pageWords(bug);

/** What stored runs say about #407. */
export const collect = (folders: readonly string[]): Promise<Evidence> => collectOf(bug, folders);

/** Its page. */
export const renderPage = (evidence: Evidence, runs: string): string =>
  renderPageOf(evidence, { bug, words, runs });
