export { withExcerpts } from './excerpts.js';
export { renderJson } from './json.js';
export { renderMarkdown } from './markdown.js';
export { publishRun, summaryFile, tableFile } from './publish.js';
export { summarise } from './summarise.js';
export { renderTerminal, type TerminalOptions } from './terminal.js';
export type { CellSummary, ControlsSummary, KernelSummary, ReportGroup, RunSummary } from './types.js';
