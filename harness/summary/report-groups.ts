import { expectedOutcome } from '../diagnosis/expectation.js';
import type { Report } from '../diagnosis/types.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import type { StoredCell } from '../results/manifest.js';
import type { ReportGroup } from './types.js';

/** More than a reader looks at; what follows is counted, not listed. A guest may print a new signature each time. */
const maximumGroups = 1000;

interface Group {
  first: ReportGroup['first'];
  readonly report: Report;
  knownIssue: string | null;
  reports: number;
  attempts: number;
  decided: number;
  unexpected: number;
  lastAttempt: string;
  readonly kernels: Set<string>;
}

/** Collects reports by signature as attempts are read. */
export class ReportGroups {
  readonly #groups = new Map<string, Group>();

  add(attempt: StoredAttempt, cell: StoredCell): void {
    const { key, reports, decisive, console } = attempt;
    const id = `${key.cell}#${key.index}`;
    const expected = expectedOutcome(cell, attempt);
    for (const [index, report] of reports.entries()) {
      const group = this.#groups.get(report.signature) ?? this.#begin(report, { ...key, console });
      if (group === undefined) continue;
      group.reports++;
      if (group.lastAttempt !== id) {
        group.attempts++;
        if (!expected) {
          // what nobody expected is what is looked at
          if (group.unexpected === 0) group.first = firstOf(report, { ...key, console });
          group.unexpected++;
        }
      }
      if (index === decisive) group.decided++;
      group.lastAttempt = id;
      group.kernels.add(cell.kernel.id);
      group.knownIssue ??= report.knownIssue;
    }
  }

  #begin(report: Report, place: AttemptPlace): Group | undefined {
    if (this.#groups.size >= maximumGroups) return undefined;
    const group: Group = {
      first: firstOf(report, place),
      report,
      knownIssue: report.knownIssue,
      reports: 0,
      attempts: 0,
      decided: 0,
      unexpected: 0,
      lastAttempt: '',
      kernels: new Set(),
    };
    this.#groups.set(report.signature, group);
    return group;
  }

  /**
   * Unexpected ones first; then those that decided an outcome, the most frequent before others; among equals the one
   * met first.
   */
  list(): ReportGroup[] {
    return [...this.#groups.values()]
      .toSorted(
        (a, b) =>
          Math.sign(b.unexpected) - Math.sign(a.unexpected) ||
          b.decided - a.decided ||
          b.attempts - a.attempts ||
          b.reports - a.reports,
      )
      .map(({ first, report, knownIssue, reports, attempts, decided, unexpected, kernels }) => ({
        signature: report.signature,
        kind: report.kind,
        title: report.title,
        knownIssue,
        reports,
        attempts,
        decided,
        unexpected,
        kernels: [...kernels],
        first,
      }));
  }
}

type AttemptPlace = StoredAttempt['key'] & { readonly console: string };

const firstOf = (
  { line, endLine }: Report,
  { cell, index, seed, console }: AttemptPlace,
): ReportGroup['first'] => ({
  cell,
  index,
  seed,
  console,
  line,
  endLine,
  excerpt: [],
});
