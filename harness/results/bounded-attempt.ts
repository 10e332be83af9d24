import type { AttemptResult } from '../attempt/types.js';
import type { Report } from '../diagnosis/types.js';

/**
 * An attempt whose line can be read again (readLines), whatever a guest printed and sent: a console of 8 MiB may hold ten
 * thousand reports, each with a long trace. What is left out is counted.
 */
export function boundedAttempt(result: AttemptResult): AttemptResult {
  const { reports, decisive, evidence } = result;
  const kept = keptReports(reports, decisive);
  if (kept.length === reports.length && evidence.length <= evidenceBytes) return result;
  const deciding = decisive === null ? undefined : reports[decisive];
  return {
    ...result,
    reports: kept,
    decisive: deciding === undefined ? null : kept.indexOf(deciding),
    evidence: evidence.slice(0, evidenceBytes),
    overflow: (result.overflow ?? 0) + reports.length - kept.length,
  };
}

/** The first ones that fit, and the one that decided wherever it stands. */
function keptReports(reports: readonly Report[], decisive: number | null): readonly Report[] {
  let room = reportsBytes;
  return reports.filter((report, index) => {
    const bytes = Buffer.byteLength(JSON.stringify(report));
    if (bytes > room && index !== decisive) return false;
    room -= bytes;
    return true;
  });
}

/** As JSON; the largest of our own published runs take 170 kB and 60 kB. */
const reportsBytes = 4 * 2 ** 20;
const evidenceBytes = 2 ** 20;
