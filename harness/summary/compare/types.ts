import type { CellRole, Outcome } from '../../matrix/types.js';
import type { JobsRange } from '../../results/manifest.js';
import type { Judged } from '../../statistics/judge-rates.js';
import type { Count, Interval } from '../../statistics/rates.js';
import type { Start } from '../../templates/opened.js';
import type { SessionDifference } from '../run-sessions.js';
import type { WorkDone } from '../work-done.js';

/** Two runs compared, cell by cell. Plain data; guest text in it is raw. */
export interface Comparison {
  readonly version: 3;
  readonly runs: readonly [RunName, RunName];
  readonly method: Method;
  /** Cells that both runs have, controls first. */
  readonly cells: readonly CellComparison[];
  /** Ids of cells that one run has and the other lacks, by the run that has them. */
  readonly onlyIn: readonly [readonly string[], readonly string[]];
  /** Of the kernels that both runs had. */
  readonly sources: readonly KernelSources[];
  /** Userlands of one row that are made of other packages in one run than in the other: what runs on a kernel differs then. */
  readonly userlands: readonly UserlandDifference[];
}

export interface UserlandDifference {
  readonly row: string;
  /** SHA-256 of what each was made of, and lines of that which the other lacks. */
  readonly lists: readonly [string, string];
  readonly provenance: readonly [string, string];
  readonly only: readonly [readonly string[], readonly string[]];
}

/** What is known of a kernel's source in either run: signed, unchecked, …; null in runs from before that was recorded. */
export interface KernelSources {
  readonly kernel: string;
  readonly purity: readonly [string | null, string | null];
}

/** How it was judged, in words and figures: a verdict is worth nothing without. */
export interface Method {
  readonly test: string;
  /** Of the test, after correction. */
  readonly level: number;
  readonly correction: string;
  /** Cells with attempts in both runs, and those of them whose failure rates could be told apart at all. */
  readonly cells: { readonly compared: number; readonly counted: number };
  readonly equivalence: { readonly margin: number; readonly confidence: number; readonly interval: string };
  /** How `attempts` of a change are found. */
  readonly power: string;
}

export interface RunName {
  readonly id: string;
  readonly seed: number;
  readonly accelerator: string;
  /** Machines at a time; absent where the run is from before that was recorded. */
  readonly jobs?: JobsRange;
  /** In what its sessions differ; none where it was made in one way. */
  readonly sessionDifferences: readonly SessionDifference[];
}

/** Judged by its rates of failure, all cells considered. */
export interface CellComparison extends Judged {
  readonly id: string;
  readonly role: CellRole;
  readonly sides: readonly [CellSide, CellSide];
  /** What a person calls a difference, however few the attempts and whatever the test says; none where a side has none. */
  readonly changes: readonly Change[];
}

/** An outcome or a signature that one run has and the other lacks, or has at a rate that is apart. */
export interface Change {
  /** `outcome`: the cell's own, which is the worst of its attempts', is another one. */
  readonly kind: 'outcome' | 'signature';
  /** The outcome that only one run has; a signature, or the name of a known issue. */
  readonly name: string;
  /** Null where both have it, at rates that are apart. */
  readonly onlyIn: 'A' | 'B' | null;
  /** Attempts with it, of those that were tried. */
  readonly counts: readonly [Count, Count];
  /** All signatures and outcomes of both runs considered. */
  readonly judged: Judged;
  /** Attempts of each run that would decide it (attemptsToDecide); 0 where it is decided, null where that takes too many. */
  readonly attempts: number | null;
}

export interface CellSide {
  /** As the table shows it (CellSummary). */
  readonly outcome: Outcome | 'pending';
  /** Of the attempt that decided the outcome; '' without one. */
  readonly reason: string;
  /** Attempts that didn't end as expected. */
  readonly unexpected: number;
  /** How much was done in attempts without a failure; and whether they are of sessions that differ (CellSummary). */
  readonly work: WorkDone | null;
  readonly mixed: boolean;
  /** Names of the bugs that its reports are of, sorted. */
  readonly knownIssues: readonly string[];
  /** How its machines came to READY. */
  readonly starts: readonly Start[];
  /** k of n attempts that say anything about the kernel. */
  readonly failing: number;
  readonly conclusive: number;
  /** 95 %, Clopper-Pearson; null for no conclusive attempt. */
  readonly rate: Interval | null;
  /** Attempts by outcome: the conclusive ones, and those of which the kernel lacks what they need. */
  readonly outcomes: Readonly<Record<string, number>>;
  /**
   * In how many attempts each signature was met, known issues by name: reports up to the one that decided the attempt, what comes
   * after it being its wake; a failure without a report goes by its outcome.
   */
  readonly findings: Readonly<Record<string, number>>;
  /** Of attempts with a report: from the workload's start to it, in seconds; null without one. */
  readonly seconds: Spread | null;
  /** Iterations that such attempts had done. */
  readonly iterations: Spread | null;
}

/** Five numbers of a sample (Tukey 1977), and how many of its values differ. */
export interface Spread {
  readonly n: number;
  readonly least: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly most: number;
  readonly distinct: number;
}
