import type { Confirmation } from '../summary/compare/confirm.js';
import type { Comparison } from '../summary/compare/types.js';
import type { RunSummary } from '../summary/types.js';

/** Where a document is read. */
export interface Screen {
  /** Columns; nothing is wider, where the format is for a screen at all. */
  readonly width: number;
  readonly colour: boolean;
  /** The run's folder as the reader would name it: relative to where they are; '' for a file in that folder. */
  readonly folder: string;
}

/** Two runs compared, with what new attempts said of what changed, where some were made. */
export interface ComparisonDocument {
  readonly comparison: Comparison;
  readonly confirmation: Confirmation | null;
}

/** One way to write the documents that summary/ makes of stored runs; a folder of report/ each. */
export interface ReportFormat {
  readonly name: string;
  /** File that a run's table is kept under in the run's folder. */
  readonly file: string;
  readonly run: (summary: RunSummary, screen: Screen) => string;
  readonly comparison: (document: ComparisonDocument, screen: Screen) => string;
}
