import { usualAxes } from '../matrix/axes.js';
import { columnIdOf, columnLabel, partsOfCellId } from '../matrix/cell-id.js';
import { distinctAttempts } from '../results/distinct-attempts.js';
import type { StoredCell } from '../results/manifest.js';
import { readCountedRun } from '../results/read-counted-run.js';
import { readAllAttempts, readImages, readManifest } from '../results/read-run.js';
import { recordedUserlands } from '../results/recorded-userlands.js';
import { readSessions } from '../results/session.js';
import { CellTally } from './cell-tally.js';
import { controlsVerdict } from './controls-verdict.js';
import { FeatureTally } from './feature-table.js';
import { KernelFacts } from './kernel-facts.js';
import { reasonGroups } from './reason-groups.js';
import { ReportGroups } from './report-groups.js';
import { differAmong, type SessionSummary, sessionDifferences } from './run-sessions.js';
import type { Column, RunSummary } from './types.js';

/**
 * Reads a run's folder, and nothing else, into its table. One pass; what it keeps grows with cells and signatures, not
 * with attempts' reports and consoles.
 *
 * @throws UsageError where the folder holds no run
 */
export async function summarise(folder: string): Promise<RunSummary> {
  const { cells, version: _, ...run } = await readCountedRun(folder);
  const attemptsOf = new Map<string, number>();
  const tallies = new Map(cells.map((cell) => [cell.id, new CellTally(cell)]));
  const kernels = new Map(matrixCells(cells).map(({ kernel }) => [kernel.id, new KernelFacts(kernel)]));
  const groups = new ReportGroups();
  const features = new FeatureTally();
  let finished = 0;
  let damaged = 0;
  for await (const attempt of distinctAttempts(folder, () => damaged++)) {
    const tally = tallies.get(attempt.key.cell);
    if (tally === undefined) {
      damaged++;
      continue;
    }
    finished++;
    attemptsOf.set(attempt.session, (attemptsOf.get(attempt.session) ?? 0) + 1);
    tally.add(attempt);
    const { cell } = tally;
    const { role, kernel } = cell;
    features.add(kernel.id, kernelSetting(cell), attempt.facts);
    kernels.get(kernel.id)?.add(attempt);
    if (role === 'matrix') groups.add(attempt, cell);
  }
  const images = await readImages(folder);
  const rows = [...kernels.values()].map((kernel) => kernel.summary(images));
  const sessions = await sessionsWith(attemptsOf, folder);
  const differ = differAmong(sessions);
  const all = [...tallies.values()].map((tally) => tally.summary(differ));
  const matrix = all.filter(({ role }) => role === 'matrix');
  const columns = columnsOf(matrixCells(cells));
  return {
    version: 1,
    run,
    sessions,
    sessionDifferences: sessionDifferences(sessions),
    attempts: {
      planned: cells.reduce((sum, { attempts }) => sum + attempts, 0),
      finished,
      damaged,
      unexpected: all.reduce((sum, { unexpected }) => sum + unexpected, 0),
    },
    controls: controlsVerdict(all.filter(({ role }) => role !== 'matrix')),
    kernels: rows,
    columns,
    cells: matrix,
    reports: groups.list(),
    reasons: reasonGroups(matrix, columns),
    features: features.table(
      rows.filter(({ unavailable }) => unavailable === null).map(({ id }) => id),
      [...new Set(cells.map(kernelSetting))],
      new Map(images.map((image) => [image.kernel, 'unset' in image ? (image.unset ?? []) : []])),
    ),
    userlands: await recordedUserlands(folder),
  };
}

/** Attempts of discarded sessions are asked for only where there is one. */
async function sessionsWith(attemptsOf: Map<string, number>, folder: string): Promise<SessionSummary[]> {
  const sessions = await readSessions(folder, await readManifest(folder));
  const discarded = new Set(sessions.filter((one) => one.discarded !== null).map(({ id }) => id));
  if (discarded.size > 0) {
    for await (const { session } of readAllAttempts(folder))
      if (discarded.has(session)) attemptsOf.set(session, (attemptsOf.get(session) ?? 0) + 1);
  }
  return sessions.map((session) => ({ ...session, attempts: attemptsOf.get(session.id) ?? 0 }));
}

const matrixCells = (cells: readonly StoredCell[]): StoredCell[] =>
  cells.filter(({ role }) => role === 'matrix');

/** Rows of the axes that change what the kernel is: usual ones, poisoned. */
const kernelSetting = ({ axes }: StoredCell): string =>
  usualAxes.flatMap(({ id, ofKernel, usual }) => (ofKernel ? (axes[id]?.id ?? usual) : [])).join(', ');

/** In the order in which the cells meet them. */
function columnsOf(cells: readonly StoredCell[]): Column[] {
  const columns = new Map<string, Column>();
  for (const { id: cell } of cells) {
    const id = columnIdOf(partsOfCellId(cell));
    columns.set(id, { id, label: columnLabel(id) });
  }
  return [...columns.values()];
}
