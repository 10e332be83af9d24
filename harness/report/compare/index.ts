export { compareRuns } from './compare-runs.js';
export { agrees, renderComparison, renderComparisonMarkdown } from './comparison-text.js';
export type { CellComparison, CellSide, Comparison, Spread } from './types.js';
