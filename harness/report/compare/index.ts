export { compareRuns } from './compare-runs.js';
export { renderComparison, renderComparisonMarkdown } from './comparison-text.js';
export { type Confirmation, confirmationOf, isRefuted } from './confirm.js';
export { confirmationMarkdown, renderConfirmation } from './confirmation-text.js';
export { agrees } from './differences.js';
export { type ConfirmationPlan, type PlannedCell, planConfirmation } from './plan-confirmation.js';
export type { CellComparison, CellSide, Change, Comparison, Spread } from './types.js';
