import { HarnessBug } from '../errors.js';
import { attemptId } from '../results/attempt-id.js';
import type { ImageRecord, StoredCell, StoredKernel } from '../results/manifest.js';
import { readAttempts, readImages, readManifest } from '../results/read-run.js';
import { CellTally } from './cell-tally.js';
import { controlsVerdict } from './controls-verdict.js';
import { Features } from './features.js';
import { ReportGroups } from './report-groups.js';
import type { Column, KernelSummary, RunSummary } from './types.js';

/**
 * Reads a run's folder, and nothing else, into its table. One pass; what it keeps grows with cells and signatures, not
 * with attempts' reports and consoles.
 *
 * @throws UsageError where the folder holds no run
 */
export async function summarise(folder: string): Promise<RunSummary> {
  const { cells, version: _, ...run } = await readManifest(folder);
  const tallies = new Map(cells.map((cell) => [cell.id, new CellTally(cell)]));
  const kernels = new Map(matrixCells(cells).map(({ kernel }) => [kernel.id, new KernelFacts(kernel)]));
  const groups = new ReportGroups();
  const features = new Features();
  const seen = new Set<string>();
  let damaged = 0;
  for await (const attempt of readAttempts(folder, () => damaged++)) {
    const tally = tallies.get(attempt.key.cell);
    const id = attemptId(attempt.key);
    if (tally === undefined || seen.has(id)) {
      damaged++;
      continue;
    }
    seen.add(id);
    tally.add(attempt);
    const { role, kernel } = tally.cell;
    features.add(kernel.id, attempt.facts);
    kernels.get(kernel.id)?.add(attempt.release, attempt.bootSeconds);
    if (role === 'matrix') groups.add(attempt, kernel.id);
  }
  const images = await readImages(folder);
  const all = [...tallies.values()].map((tally) => tally.summary());
  return {
    version: 1,
    folder,
    run,
    attempts: {
      planned: cells.reduce((sum, { attempts }) => sum + attempts, 0),
      finished: seen.size,
      damaged,
      unexpected: all.reduce((sum, { unexpected }) => sum + unexpected, 0),
    },
    controls: controlsVerdict(all.filter(({ role }) => role !== 'matrix')),
    kernels: [...kernels.values()].map((kernel) => kernel.summary(images)),
    columns: columnsOf(matrixCells(cells)),
    cells: all.filter(({ role }) => role === 'matrix'),
    reports: groups.list(),
    features: features.table([...new Set(cells.map(({ kernel }) => kernel.id))]),
  };
}

const matrixCells = (cells: readonly StoredCell[]): StoredCell[] =>
  cells.filter(({ role }) => role === 'matrix');

/** In the order in which the cells meet them. */
function columnsOf(cells: readonly StoredCell[]): Column[] {
  const columns = new Map<string, Column>();
  for (const { workload, storage, boot } of cells) {
    const id = `${workload.id}/${storage.id}/${boot.id}`;
    // 'plain' and 'default' are what every matrix has (matrix.yml), and say nothing in a heading
    const special = [storage.id === 'plain' ? '' : storage.id, boot.id === 'default' ? '' : boot.id];
    columns.set(id, { id, label: [workload.id, ...special].filter(Boolean).join(' ') });
  }
  return [...columns.values()];
}

class KernelFacts {
  readonly #kernel: StoredKernel;
  readonly #boots: number[] = [];
  #release = '';

  constructor(kernel: StoredKernel) {
    this.#kernel = kernel;
  }

  add(release: string, bootSeconds: number | null): void {
    if (release !== '') this.#release = release;
    if (bootSeconds !== null) this.#boots.push(bootSeconds);
  }

  summary(images: readonly ImageRecord[]): KernelSummary {
    const { id, line, flavour, verified } = this.#kernel;
    const image = images.findLast((record) => record.kernel === id);
    const ready = image?.status === 'ready' ? image : undefined;
    return {
      id,
      line,
      flavour,
      verified,
      release: this.#release || (ready?.release ?? ''),
      provenance: ready?.provenance ?? '',
      imageSeconds: ready?.seconds ?? null,
      bootSeconds: median(this.#boots),
      unavailable: image?.status === 'unavailable' ? image.reason : null,
    };
  }
}

function median(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null;
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new HarnessBug('the median of a list lies outside it');
  return middle;
}
