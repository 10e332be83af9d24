import type { Report } from '../diagnosis/types.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import type { ReportGroup } from './types.js';

/** More than a reader looks at; what follows is counted, not listed. A guest may print a new signature each time. */
const maximumGroups = 1000;

interface Group {
  readonly first: ReportGroup['first'];
  readonly report: Report;
  knownIssue: string | null;
  reports: number;
  attempts: number;
  decided: number;
  lastAttempt: string;
  readonly kernels: Set<string>;
}

/** Collects reports by signature as attempts are read. */
export class ReportGroups {
  readonly #groups = new Map<string, Group>();

  add({ key, reports, decisive, console }: StoredAttempt, kernel: string): void {
    const attempt = `${key.cell}#${key.index}`;
    for (const [index, report] of reports.entries()) {
      const group = this.#groups.get(report.signature) ?? this.#begin(report, { ...key, console });
      if (group === undefined) continue;
      group.reports++;
      if (group.lastAttempt !== attempt) group.attempts++;
      if (index === decisive) group.decided++;
      group.lastAttempt = attempt;
      group.kernels.add(kernel);
      group.knownIssue ??= report.knownIssue;
    }
  }

  #begin(
    report: Report,
    { cell, index, seed, console }: StoredAttempt['key'] & { readonly console: string },
  ): Group | undefined {
    if (this.#groups.size >= maximumGroups) return undefined;
    const { line, endLine } = report;
    const group: Group = {
      first: { cell, index, seed, console, line, endLine, excerpt: [] },
      report,
      knownIssue: report.knownIssue,
      reports: 0,
      attempts: 0,
      decided: 0,
      lastAttempt: '',
      kernels: new Set(),
    };
    this.#groups.set(report.signature, group);
    return group;
  }

  /** Those that decided an outcome first, the most frequent before others; among equals the one met first. */
  list(): ReportGroup[] {
    return [...this.#groups.values()]
      .toSorted((a, b) => b.decided - a.decided || b.attempts - a.attempts || b.reports - a.reports)
      .map(({ first, report, knownIssue, reports, attempts, decided, kernels }) => ({
        signature: report.signature,
        kind: report.kind,
        title: report.title,
        knownIssue,
        reports,
        attempts,
        decided,
        kernels: [...kernels],
        first,
      }));
  }
}
