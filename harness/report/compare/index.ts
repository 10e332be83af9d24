export { compareRuns } from './compare-runs.js';
export { renderComparison, renderComparisonMarkdown } from './comparison-text.js';
export { agrees } from './differences.js';
export type { CellComparison, CellSide, Change, Comparison, Spread } from './types.js';
