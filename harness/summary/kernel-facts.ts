import type { StoredAttempt } from '../results/attempt-schema.js';
import type { ImageRecord, StoredKernel } from '../results/manifest.js';
import { median } from '../statistics/quantile.js';
import type { KernelSummary } from './types.js';

/** What a run learnt of a kernel beside its cells. */
export class KernelFacts {
  readonly #kernel: StoredKernel;
  readonly #boots: number[] = [];
  readonly #restores: number[] = [];
  #release = '';

  constructor(kernel: StoredKernel) {
    this.#kernel = kernel;
  }

  add({ release, start, bootSeconds, readySeconds }: StoredAttempt): void {
    if (release !== '') this.#release = release;
    if (bootSeconds !== null) this.#boots.push(bootSeconds);
    if (start !== 'cold' && readySeconds !== null) this.#restores.push(readySeconds);
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
      config: ready?.config ?? null,
      purity: ready?.purity ?? null,
      imageSeconds: ready?.seconds ?? null,
      bootSeconds: typical(this.#boots),
      restoreSeconds: typical(this.#restores),
      unavailable: image?.status === 'unavailable' ? image.reason : null,
      onlyTcgBoots: ready?.onlyTcgBoots ?? null,
    };
  }
}

const typical = (seconds: readonly number[]): number | null =>
  seconds.length === 0 ? null : median(seconds);
