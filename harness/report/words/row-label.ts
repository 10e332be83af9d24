import type { KernelSummary } from '../../summary/types.js';

/** A kernel at the head of its row, with what is to be known of all of it. */
export const rowLabel = ({ id, onlyTcgBoots }: Pick<KernelSummary, 'id' | 'onlyTcgBoots'>): string =>
  onlyTcgBoots === null ? id : `${id} (boots under TCG only)`;

/** A sentence for each row that such a label doesn't tell enough of. */
export const rowFindings = (kernels: readonly Pick<KernelSummary, 'id' | 'onlyTcgBoots'>[]): string[] =>
  kernels.flatMap(({ id, onlyTcgBoots }) =>
    onlyTcgBoots === null
      ? []
      : [`${id}: boots under TCG, but not under KVM, which boots others: ${onlyTcgBoots}`],
  );

/** Where an image came from, with digests short enough for a table; images.json has them whole. */
export const provenanceText = (provenance: string): string =>
  provenance.replace(/\b([0-9a-f]{12})[0-9a-f]{28,}\b/g, '$1…');
