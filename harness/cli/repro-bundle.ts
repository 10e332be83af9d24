import process from 'node:process';
import { HostError, messageOf, UsageError } from '../errors.js';
import { missingRequirements, requirements } from '../host/requirements.js';
import type { Matrix } from '../matrix/types.js';
import { renderJson } from '../report/json/render.js';
import { renderReproduction } from '../report/terminal/reproduction.js';
import { compressionOf } from '../repro/bundle/pack-bundle.js';
import type { Part } from '../repro/bundle-finding.js';
import { type BundleOutcome, bundleReproduction } from '../repro/bundle-reproduction.js';
import type { Reproduction } from '../repro/reproduce.js';
import { screenOf } from './screen.js';

/** Options of `kmatrix repro` that say what goes into which file. */
export interface BundleOptions {
  readonly bundle?: string;
  readonly record?: boolean;
  readonly vmcore?: boolean;
}

interface ToPrint extends BundleOptions {
  readonly json: boolean;
  /** See renderReproduction. */
  readonly given: readonly string[];
  /** With the imported kernels that were used. */
  readonly matrix: Matrix;
}

/** What was found is told whatever becomes of the bundle: text before it is made, a document with its error in it. */
export async function printAndBundle(
  reproduction: Reproduction,
  { bundle: file, record = false, vmcore = false, json, given, matrix }: ToPrint,
  signal: AbortSignal,
): Promise<void> {
  if (!json)
    process.stdout.write(
      renderReproduction(reproduction, screenOf(process.stdout, reproduction.folder), given),
    );
  if (file === undefined) {
    if (json) process.stdout.write(renderJson(reproduction));
    return;
  }
  let bundle: BundleOutcome = { error: 'interrupted' };
  try {
    bundle = await bundleReproduction(reproduction, { file, record, vmcore, matrix, signal });
    if (!json) process.stdout.write(bundleLine(bundle));
  } catch (error) {
    if (!signal.aborted) bundle = { error: messageOf(error) };
    throw error;
  } finally {
    if (json) process.stdout.write(renderJson({ ...reproduction, bundle }));
  }
}

function bundleLine(bundle: BundleOutcome): string {
  if ('error' in bundle) return `bundle: not written: ${bundle.error}\n`;
  const { file, recording, vmcore, unnoted } = bundle;
  const asks = recording.startsWith('in it') && unnoted !== null;
  return [
    `bundle: ${file}`,
    ...partLine('recording', recording),
    ...partLine('vmcore', vmcore),
    ...(asks
      ? [
          `  kmatrix replay will ask before it runs the recording, as it couldn't be noted as made here: ${unnoted}`,
        ]
      : []),
    '',
  ].join('\n');
}

const partLine = (name: string, part: Part): string[] =>
  part === 'not asked for' ? [] : [`  ${name}: ${part}`];

/** A bundle that can't be written is refused before anything runs. */
export async function checkBundle({ bundle, record, vmcore }: BundleOptions): Promise<void> {
  if (bundle === undefined) {
    const [given] = Object.entries({ record, vmcore }).find(([, value]) => value === true) ?? [];
    if (given === undefined) return;
    throw new UsageError('it goes into a bundle, and no bundle is named', {
      where: `--${given}`,
      remedy: 'name one: --bundle FILE',
    });
  }
  if (compressionOf(bundle) === 'gzip') return;
  const zstd = requirements.filter(({ program }) => program === 'zstd');
  if ((await missingRequirements(['run'], zstd)).length === 0) return;
  throw new HostError('zstd is not installed', {
    where: bundle,
    remedy: 'kmatrix doctor --install, or name the bundle NAME.tar.gz',
  });
}
