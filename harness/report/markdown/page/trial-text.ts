import { usualAxes } from '../../../matrix/axes.js';
import type { ArmTally } from '../../../repro/arm-tally.js';
import type { Trial } from '../../../repro/evidence/collect.js';
import { workText } from '../../../summary/work-done.js';
import { rateText } from '../../words/cell-text.js';

/** Kernel memory stock or poisoned, and the storage driver where there is one: rows that are usual go unnamed. */
export function settingText({ rows }: Pick<Trial, 'rows'>): string {
  const ofKernel = usualAxes.filter((axis) => axis.ofKernel).flatMap(({ id }) => rows[id] ?? []);
  const others = Object.entries(rows).filter(
    ([id]) => !usualAxes.some((axis) => axis.ofKernel && axis.id === id),
  );
  return [ofKernel.join(', ') || 'stock', ...others.map(([, row]) => row)].join(', ');
}

export const countText = ({ failing, of, rate, work }: ArmTally): string =>
  [`${failing}/${of}`, rate === null ? '' : rateText(rate), workText(work)].filter(Boolean).join(' ');
