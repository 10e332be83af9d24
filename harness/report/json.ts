import type { RunSummary } from './types.js';

/** The summary as one JSON document. JSON escapes control characters itself, so guest text is safe in it. */
export const renderJson = (summary: RunSummary): string => `${JSON.stringify(summary, null, 2)}\n`;
