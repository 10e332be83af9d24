import type { ArmTally } from '../../../repro/arm-tally.js';
import { plain, type Trial } from '../../../repro/evidence/collect.js';
import { workText } from '../../../summary/work-done.js';
import { rateText } from '../../words/cell-text.js';

/** Kernel memory stock or poisoned, and the storage driver where there is one. */
export const settingText = ({ boot, storage }: Pick<Trial, 'boot' | 'storage'>): string =>
  `${boot === 'default' ? 'stock' : boot}${storage === plain ? '' : `, ${storage}`}`;

export const countText = ({ failing, of, rate, work }: ArmTally): string =>
  [`${failing}/${of}`, rate === null ? '' : rateText(rate), workText(work)].filter(Boolean).join(' ');
