import { UsageError } from '../../errors.js';
import { distinctAttempts } from '../../results/distinct-attempts.js';
import type { RunManifest, StoredCell } from '../../results/manifest.js';
import { readManifest } from '../../results/read-run.js';
import { clopperPearson } from '../interval.js';
import { CellSideTally } from './cell-side-tally.js';
import type { CellComparison, CellSide, Comparison, RunName, Verdict } from './types.js';

/**
 * Holds two runs against each other: the same cells, run in two ways, on two hosts or at two times.
 *
 * @throws UsageError where a folder holds no run, or the two have no cell in common
 */
export async function compareRuns(first: string, second: string): Promise<Comparison> {
  const [one, other] = [await readSide(first), await readSide(second)];
  const both = one.manifest.cells.filter(({ id }) => other.cells.has(id));
  if (both.length === 0) {
    throw new UsageError('the two runs have no cell in common', {
      where: `${one.manifest.id} and ${other.manifest.id}`,
      remedy: 'compare runs of one matrix: kmatrix report RUN shows what a run has',
    });
  }
  const ids = new Set(both.map(({ id }) => id));
  const onlyIn = ({ cells }: Side): string[] => [...cells.keys()].filter((id) => !ids.has(id)).toSorted();
  return {
    version: 2,
    runs: [nameOf(one.manifest), nameOf(other.manifest)],
    cells: [...both.filter(isControl), ...both.filter((cell) => !isControl(cell))].map((cell) =>
      compareCell(cell, sideOf(one, cell), sideOf(other, cell)),
    ),
    onlyIn: [onlyIn(one), onlyIn(other)],
  };
}

interface Side {
  readonly manifest: RunManifest;
  readonly cells: ReadonlyMap<string, CellSideTally>;
}

async function readSide(folder: string): Promise<Side> {
  const manifest = await readManifest(folder);
  const cells = new Map(manifest.cells.map((cell) => [cell.id, new CellSideTally(cell)]));
  for await (const attempt of distinctAttempts(folder)) cells.get(attempt.key.cell)?.add(attempt);
  return { manifest, cells };
}

const isControl = ({ role }: StoredCell): boolean => role !== 'matrix';

const nameOf = ({ id, seed, accelerator, jobs }: RunManifest): RunName => ({
  id,
  seed,
  accelerator: accelerator.name,
  ...(jobs && { jobs }),
});

const sideOf = ({ cells }: Side, cell: StoredCell): CellSide =>
  (cells.get(cell.id) ?? new CellSideTally(cell)).summary();

function compareCell({ id, role }: StoredCell, one: CellSide, other: CellSide): CellComparison {
  const [mine, theirs] = [Object.keys(one.findings), Object.keys(other.findings)];
  const verdict = verdictOf(one, other);
  return {
    id,
    role,
    sides: [one, other],
    change: changeOf(one, other, verdict),
    verdict,
    findings: {
      both: mine.filter((finding) => theirs.includes(finding)),
      only: [
        mine.filter((finding) => !theirs.includes(finding)),
        theirs.filter((finding) => !mine.includes(finding)),
      ],
    },
  };
}

/** Is there something to hold against the other run? Where only the harness failed, nothing is known of the kernel. */
export const wasTried = ({ outcome, conclusive }: CellSide): boolean =>
  outcome !== 'unavailable' && outcome !== 'pending' && (outcome !== 'harness-error' || conclusive > 0);

/** A cell shows the worst of its attempts: of many, one may be worse by chance, and their rates say more. */
function changeOf(one: CellSide, other: CellSide, verdict: Verdict): CellComparison['change'] {
  if (!wasTried(one) || !wasTried(other)) return null;
  if (one.outcome !== other.outcome && verdict !== 'alike') return 'outcome';
  return one.knownIssues.join() === other.knownIssues.join() ? null : 'known issue';
}

function verdictOf(one: CellSide, other: CellSide): Verdict {
  const { rate: mine, conclusive: n } = one;
  const { rate: theirs, conclusive: m } = other;
  if (mine === null || theirs === null) return 'too few';
  if (mine.low > theirs.high || theirs.low > mine.high) return 'apart';
  return tellsApart(n, m) ? 'alike' : 'too few';
}

/** Would none of n and m of m have intervals without a value in common? */
const tellsApart = (n: number, m: number): boolean => clopperPearson(0, n).high < clopperPearson(m, m).low;

/** The fewest attempts of a cell in either run with which a rate of 0 % is told from one of 100 %. */
export function attemptsToTell(): number {
  let n = 1;
  while (!tellsApart(n, n)) n++;
  return n;
}
