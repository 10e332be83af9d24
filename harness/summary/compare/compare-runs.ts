import { HarnessBug, UsageError } from '../../errors.js';
import { distinctAttempts } from '../../results/distinct-attempts.js';
import type { RunManifest, StoredCell } from '../../results/manifest.js';
import { readCountedRun } from '../../results/read-counted-run.js';
import { type Purities, recordedPurities } from '../../results/recorded-purities.js';
import { recordedUserlands } from '../../results/recorded-userlands.js';
import { readSessions, type Session, type UserlandRecord } from '../../results/session.js';
import { criteria, type Judged, judgeRates } from '../../statistics/judge-rates.js';
import { differAmong, sessionDifferences } from '../run-sessions.js';
import { wasTried } from './cell-questions.js';
import { CellSideTally } from './cell-side-tally.js';
import { findChanges } from './find-changes.js';
import { sourcesOf } from './sources.js';
import type { CellComparison, CellSide, Comparison, Method, RunName } from './types.js';
import { userlandDifferences } from './userlands.js';

/**
 * Compares two runs: the same cells, run in two ways, on two hosts or at two times.
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
  const cells = judged(
    [...both.filter(isControl), ...both.filter((cell) => !isControl(cell))].map(({ id, role }) => ({
      id,
      role,
      sides: [sideOf(one, id), sideOf(other, id)],
    })),
  );
  return {
    version: 3,
    runs: [nameOf(one), nameOf(other)],
    method: methodOf(cells),
    cells,
    onlyIn: [onlyIn(one), onlyIn(other)],
    sources: sourcesOf(one.purities, other.purities),
    userlands: userlandDifferences(one.userlands, other.userlands),
  };
}

interface Side {
  readonly manifest: RunManifest;
  /** Those that its attempts are of. */
  readonly sessions: readonly Session[];
  readonly cells: ReadonlyMap<string, CellSide>;
  readonly purities: Purities;
  readonly userlands: readonly UserlandRecord[];
}

async function readSide(folder: string): Promise<Side> {
  const manifest = await readCountedRun(folder);
  const tallies = new Map(manifest.cells.map((cell) => [cell.id, new CellSideTally(cell)]));
  const withAttempts = new Set<string>();
  for await (const attempt of distinctAttempts(folder)) {
    withAttempts.add(attempt.session);
    tallies.get(attempt.key.cell)?.add(attempt);
  }
  const sessions = await readSessions(folder, manifest);
  const differ = differAmong(sessions);
  const used = sessions.filter(({ id }) => withAttempts.has(id));
  return {
    manifest,
    sessions: used.length > 0 ? used : sessions,
    cells: new Map([...tallies].map(([id, tally]) => [id, tally.summary(differ)])),
    purities: await recordedPurities(folder),
    userlands: await recordedUserlands(folder),
  };
}

function sideOf({ cells, manifest }: Side, id: string): CellSide {
  const side = cells.get(id);
  if (side === undefined) throw new HarnessBug(`cell ${id} isn't in run ${manifest.id}`);
  return side;
}

const isControl = ({ role }: StoredCell): boolean => role !== 'matrix';

function nameOf({ manifest, sessions }: Side): RunName {
  const { id, seed, accelerator, jobs } = manifest;
  return {
    id,
    seed,
    accelerator: accelerator.name,
    ...(jobs && { jobs }),
    sessionDifferences: sessionDifferences(sessions),
  };
}

type Unjudged = Pick<CellComparison, 'id' | 'role' | 'sides'>;

/** Rates of failure are judged together, and so is all that attempts ended by; each correction counts its own. */
function judged(cells: readonly Unjudged[]): CellComparison[] {
  const failures = judgeRates(
    cells.map(({ sides: [one, other] }) => [failuresOf(one), failuresOf(other)] as const),
  );
  const changes = findChanges(cells.map(({ sides }) => sides));
  return cells.map((cell, index) => ({
    ...cell,
    ...(failures[index] ?? unknown),
    changes: changes[index] ?? [],
  }));
}

const failuresOf = ({ failing, conclusive }: CellSide) => ({ failing, of: conclusive });

const unknown: Judged = { verdict: 'undecided', probability: null, corrected: null, difference: null };

function methodOf(cells: readonly CellComparison[]): Method {
  const compared = cells.filter(({ sides }) => sides.every(wasTried));
  const { level, margin, confidence } = criteria;
  return {
    test: 'Fisher’s exact test, two-sided',
    level,
    correction: 'Holm over the cells whose numbers can reach the level at all (Tarone 1990)',
    cells: {
      compared: compared.length,
      counted: compared.filter(({ corrected }) => corrected !== null).length,
    },
    equivalence: { margin, confidence, interval: 'Miettinen-Nurminen, of the difference of the rates' },
    power: '80 %, of that test and that interval, each rate taken with one failure and one success more',
  };
}
