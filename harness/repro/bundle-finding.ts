import { dirname, join } from 'node:path';
import { machineSpec } from '../attempt/machine-spec.js';
import type { LocalAttempt } from '../attempt/types.js';
import { withStaging } from '../cache/staging.js';
import type { Report } from '../diagnosis/types.js';
import { HarnessBug, HostError } from '../errors.js';
import { buildGuest } from '../guest/build/build-guest.js';
import { buildImage } from '../guest/build/initramfs.js';
import { obtainKernel } from '../kernels/sources/obtain-kernel.js';
import { expand, wholeProfile } from '../matrix/expand.js';
import type { Matrix } from '../matrix/types.js';
import { modulesOf } from '../matrix/what-a-cell-asks.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import { readConsole } from '../results/read-console.js';
import { readAttempts, readManifest } from '../results/read-run.js';
import { readSessions } from '../results/session.js';
import { findQemu } from '../vm/qemu.js';
import { cameAgain } from './bundle/came-again.js';
import { catchMemory } from './bundle/catch-memory.js';
import { noteOwnBundle } from './bundle/own-bundles.js';
import { recordAttempt } from './bundle/record-attempt.js';
import { writeBundle } from './bundle/write-bundle.js';
import type { Finding } from './finding.js';

export interface BundleOptions {
  /** NAME.tar.zst or NAME.tar.gz */
  readonly file: string;
  /** Run the attempt once more, on one vCPU, and put the recording in. */
  readonly record: boolean;
  /** Run the attempt once more, and put the machine's memory after the report in. */
  readonly vmcore: boolean;
  /** The run's folder. */
  readonly folder: string;
  /** The matrix that the run was made with, imported kernels among its rows. */
  readonly matrix: Matrix;
  readonly signal: AbortSignal;
}

/** What became of a part that takes another run of the attempt. One without a report would be worth nothing. */
export type Part = 'not asked for' | 'in it' | 'in it, with another report' | `left out: ${string}`;

export interface Bundled {
  readonly recording: Part;
  readonly vmcore: Part;
  /** Why the cache has no note that the bundle is its own, so that replaying its recording asks first; null where it has. */
  readonly unnoted: string | null;
}

/**
 * Puts the attempt of a finding into one file, which runs it again without kmatrix.
 *
 * @throws KmatrixError as writeBundle, recordAttempt and catchMemory do; the signal's reason
 */
export async function bundleFinding(
  { cell: cellId, index }: Finding,
  { file, record, vmcore, folder, matrix, signal }: BundleOptions,
): Promise<Bundled> {
  const stored = await storedAttempt(folder, cellId, index);
  const manifest = await readManifest(folder);
  const session = (await readSessions(folder, manifest)).find(({ id }) => id === stored.session);
  const { accelerator } = session ?? manifest;
  const attempt = await attemptAgain(stored, matrix, signal);
  const spec = machineSpec(attempt, { qemu: await findQemu(), accelerator: accelerator.name });
  const { startedAt, reports, decisive } = stored;
  const request = {
    attempt,
    spec,
    startedAt,
    console: (await readConsole(folder, stored.console)).toString(),
    report: reports.find(({ knownIssue }) => knownIssue !== null) ?? reports[decisive ?? -1] ?? null,
  };
  return await withStaging(async (staged) => {
    const expected = request.report;
    const recording = record
      ? await extra(signal, () => recordAttempt(attempt, spec, startedAt, staged, { signal }))
      : undefined;
    const catching = { startedAt, expected, file: join(staged, 'vmcore'), signal };
    const memory = vmcore ? await extra(signal, () => catchMemory(attempt, spec, catching)) : undefined;
    const parts = { recording: partOf(recording, expected), vmcore: partOf(memory, expected) };
    const kept = {
      ...(isIn(parts.recording) && typeof recording === 'object' && { recording }),
      ...(isIn(parts.vmcore) && typeof memory === 'object' && { vmcore: memory.file }),
    };
    // both are read with the kernel's symbols
    const bundle = { ...request, ...kept, symbols: Object.keys(kept).length > 0 };
    return { ...parts, unnoted: await noteOwnBundle(await writeBundle(bundle, file, signal)) };
  });
}

/** The bundle is worth having without its extras: what keeps one of them out is told, and ends nothing. */
async function extra<T>(signal: AbortSignal, make: () => Promise<T>): Promise<T | string> {
  try {
    return await make();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HostError) return error.message;
    throw error;
  }
}

const isIn = (part: Part): boolean => part === 'in it' || part === 'in it, with another report';

/** @param made what its own run gave, or why there is nothing; undefined where it wasn't asked for */
function partOf(
  made: { readonly reports: readonly Report[] } | string | undefined,
  expected: Report | null,
): Part {
  if (made === undefined) return 'not asked for';
  if (typeof made === 'string') return `left out: ${made}`;
  if (!made.reports.some(({ kind }) => kind !== 'warning')) return 'left out: there was no report';
  return cameAgain(expected, made.reports) ? 'in it' : 'in it, with another report';
}

async function storedAttempt(folder: string, cell: string, index: number): Promise<StoredAttempt> {
  for await (const attempt of readAttempts(folder)) {
    if (attempt.key.cell === cell && attempt.key.index === index) return attempt;
  }
  throw new HarnessBug(`the run has no attempt #${index} of ${cell}`, { where: folder });
}

/** The attempt as it was made, of what the cache holds. */
async function attemptAgain(
  { key, imageId, disks, files }: StoredAttempt,
  matrix: Matrix,
  signal: AbortSignal,
): Promise<LocalAttempt> {
  if (disks !== undefined || files !== undefined)
    throw new HostError('an attempt with disks or files of its own makes no bundle yet', { where: key.cell });
  const [cell] = expand(matrix, { ...wholeProfile('bundle'), cells: [key.cell] });
  if (cell === undefined) throw new HarnessBug(`no cell ${key.cell}`);
  const baseFolder = dirname(matrix.path);
  const kernel = await obtainKernel(cell.kernel, { onEvent: () => {}, offline: true, baseFolder, signal });
  const modules = modulesOf(cell);
  const { offered = [] } = cell.workload;
  const image = await buildImage({ kernel, guest: await buildGuest({ signal }), modules, offered });
  if (image.id !== imageId) {
    throw new HostError(
      'the cache no longer holds the image of this attempt: its kernel or guest has changed',
      {
        where: key.cell,
        remedy: 'reproduce the bug again with what the cache holds now',
      },
    );
  }
  return { key, cell, image };
}
