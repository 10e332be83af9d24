import type { Frame, Report } from './types.js';

/** One element of what `kmatrix classify --json` prints; scripts depend on these names. */
export interface ReportJson {
  readonly kind: Report['kind'];
  readonly title: string;
  readonly function: string;
  readonly signature: string;
  readonly knownIssue: string | null;
  readonly corrupted: boolean;
  readonly truncated: boolean | null;
  readonly line: number;
  readonly frames: readonly Frame[];
}

export function toJson(report: Report): ReportJson {
  const { kind, title, signature, knownIssue, corrupted, truncated, line, frames } = report;
  return {
    kind,
    title,
    function: report.function,
    signature,
    knownIssue,
    corrupted,
    truncated,
    line,
    frames,
  };
}
