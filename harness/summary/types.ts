/**
 * A run in the shape of its table: what every renderer starts from. Plain data; guest text in it is raw; paths of consoles
 * are relative to the run's folder, so that it can be published with it.
 */

import type { ReportKind } from '../diagnosis/types.js';
import type { CellRole, Expectation, Outcome } from '../matrix/types.js';
import type { RunManifest } from '../results/manifest.js';
import type { UserlandRecord } from '../results/session.js';
import type { Interval } from '../statistics/rates.js';
import type { FeatureTable } from './feature-table.js';
import type { SessionDifference, SessionSummary } from './run-sessions.js';
import type { WorkDone } from './work-done.js';

export interface RunSummary {
  /** Of this document, for readers of --json. */
  readonly version: 1;
  /** Host, QEMU and the like are those of the first session that counts. */
  readonly run: Omit<RunManifest, 'cells' | 'version'>;
  /** Oldest first, discarded ones among them. */
  readonly sessions: readonly SessionSummary[];
  /** What the sessions that count differ in; empty where the run was made in one way. */
  readonly sessionDifferences: readonly SessionDifference[];
  readonly attempts: {
    readonly planned: number;
    readonly finished: number;
    /** Lines of the store that are no attempts. */
    readonly damaged: number;
    readonly unexpected: number;
  };
  readonly controls: ControlsSummary;
  /** Kernels down, in the order of the matrix. */
  readonly kernels: readonly KernelSummary[];
  /** Workload and rows of the axes across. */
  readonly columns: readonly Column[];
  readonly cells: readonly CellSummary[];
  /** Reports of the matrix's cells by signature, unexpected ones first, then those that decided most; controls have their own section. */
  readonly reports: readonly ReportGroup[];
  /** Why cells that aren't stable are so, where no report says it. */
  readonly reasons: readonly ReasonGroup[];
  readonly features: FeatureTable;
  /** Root file systems that machines had as a disk; none in most runs. */
  readonly userlands: readonly UserlandRecord[];
}

export interface ControlsSummary {
  /** False: this run publishes no verdict. */
  readonly held: boolean;
  /** controls held, or controls failed: and why. */
  readonly verdict: string;
  readonly cells: readonly CellSummary[];
}

export interface KernelSummary {
  readonly id: string;
  readonly line: string;
  readonly flavour: string;
  readonly verified: boolean;
  /** uname -r; '' where it never ran. */
  readonly release: string;
  readonly provenance: string;
  /** ok, or what its configuration lacks for containers; null where it isn't known. */
  readonly config: string | null;
  /** What is known of its source: signed, same as another copy, differs in N files, unchecked; null in older runs. */
  readonly purity: string | null;
  /** Seconds that fetching or building took; null where it isn't known. */
  readonly imageSeconds: number | null;
  /** Median over attempts that booted; null without one. */
  readonly bootSeconds: number | null;
  /** Median seconds from asking for a machine to READY, of attempts that began from a template. */
  readonly restoreSeconds: number | null;
  /** Why there is no image; null where there is one. */
  readonly unavailable: string | null;
  /** What happened under KVM to a kernel that only TCG boots on that host; null of others. */
  readonly onlyTcgBoots: string | null;
}

export interface Column {
  /** See columnIdOf. */
  readonly id: string;
  /** Without the parts that are the usual ones. */
  readonly label: string;
}

export interface CellSummary {
  readonly id: string;
  readonly kernel: string;
  readonly column: string;
  readonly role: CellRole;
  readonly expectation: Expectation;
  /**
   * The worst thing that the kernel did in any attempt (severity.ts); unsupported, unavailable and harness-error only
   * where nothing else was seen; pending where no attempt has finished.
   */
  readonly outcome: Outcome | 'pending';
  readonly attempts: number;
  readonly finished: number;
  /** k of n: attempts in which the kernel or its operation failed, of those that say anything about it. */
  readonly failing: number;
  readonly conclusive: number;
  /** 95 % interval (Clopper-Pearson) of the failure rate; null for fewer than two conclusive attempts. */
  readonly rate: Interval | null;
  /** The earliest over its attempts, from the workload's start; null without a report. */
  readonly secondsToFirstReport: number | null;
  /** Attempts that didn't end as expected. */
  readonly unexpected: number;
  readonly harnessErrors: number;
  /** Null where no attempt is known of. */
  readonly work: WorkDone | null;
  /** Ids of the sessions that its attempts are of. */
  readonly sessions: readonly string[];
  /** Whether those differ in what they ran on. */
  readonly mixed: boolean;
  /** Frames that guests numbered and that never came, over all attempts; null where no attempt knows. */
  readonly missingFrames: number | null;
  /** Facts, samples and reports that were over the bounds and weren't kept; likewise. */
  readonly overflow: number | null;
  /** One sentence of the attempt that decided the outcome, and its console ('' without). */
  readonly reason: string;
  readonly console: string;
}

export interface ReportGroup {
  readonly signature: string;
  readonly kind: ReportKind;
  readonly title: string;
  readonly knownIssue: string | null;
  readonly reports: number;
  readonly attempts: number;
  /** Attempts whose outcome it decided; in the others it stood beside it (an out-of-memory kill that was provoked). */
  readonly decided: number;
  /** Attempts with it that didn't end as expected. */
  readonly unexpected: number;
  readonly kernels: readonly string[];
  /** The first of those, or of all where each was as expected. */
  readonly first: {
    readonly cell: string;
    readonly index: number;
    readonly seed: number;
    readonly console: string;
    readonly line: number;
    readonly endLine: number;
    /** Lines of the console, escaped; empty until `withExcerpts` has read them. */
    readonly excerpt: readonly string[];
  };
}

/** Cells of one column that ended alike for the same reason. */
export interface ReasonGroup {
  readonly column: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly kernels: readonly string[];
  /** Of the first of them; '' without one. */
  readonly console: string;
}
