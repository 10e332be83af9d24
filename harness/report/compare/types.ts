import type { CellRole, Outcome } from '../../matrix/types.js';
import type { JobsRange } from '../../results/index.js';
import type { Start } from '../../schedule/boot/opened.js';
import type { Interval } from '../interval.js';

/** Two runs held against each other, cell by cell. Plain data; guest text in it is raw. */
export interface Comparison {
  readonly version: 2;
  readonly runs: readonly [RunName, RunName];
  /** Cells that both runs have, controls first. */
  readonly cells: readonly CellComparison[];
  /** Ids of cells that one run has and the other lacks, by the run that has them. */
  readonly onlyIn: readonly [readonly string[], readonly string[]];
}

export interface RunName {
  readonly id: string;
  readonly seed: number;
  readonly accelerator: string;
  /** Machines at a time; absent where the run is from before that was recorded. */
  readonly jobs?: JobsRange;
}

export interface CellComparison {
  readonly id: string;
  readonly role: CellRole;
  readonly sides: readonly [CellSide, CellSide];
  /** What a person calls a difference, however few the attempts; null also where a side has none (unavailable, pending). */
  readonly change: 'outcome' | 'known issue' | null;
  readonly verdict: Verdict;
  /** What decided attempts on both sides, on the first alone, on the second alone: known issues by name, others by signature. */
  readonly findings: { readonly both: readonly string[]; readonly only: readonly [string[], string[]] };
}

/**
 * Of the two 95 % intervals of the failure rate: alike where they have a value in common, apart where not. Too few: so few
 * attempts that none of n against n of n would have one, too.
 */
export type Verdict = 'alike' | 'apart' | 'too few';

export interface CellSide {
  /** As the table shows it (CellSummary). */
  readonly outcome: Outcome | 'pending';
  /** Of the attempt that decided the outcome; '' without one. */
  readonly reason: string;
  /** Attempts that didn't end as expected. */
  readonly unexpected: number;
  /** Names of the bugs that its reports are of, sorted. */
  readonly knownIssues: readonly string[];
  /** How its machines came to READY. */
  readonly starts: readonly Start[];
  /** k of n attempts that say anything about the kernel. */
  readonly failing: number;
  readonly conclusive: number;
  /** 95 %, Clopper-Pearson; null for no conclusive attempt. */
  readonly rate: Interval | null;
  /** How often each finding decided an attempt. */
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
