import { rateText } from '../../report/cell-text.js';
import { workText } from '../../report/work-done.js';
import type { ArmTally } from '../arm-tally.js';
import { plain, type Trial } from './collect.js';

/** Kernel memory stock or poisoned, and the storage driver where there is one. */
export const settingText = ({ boot, storage }: Pick<Trial, 'boot' | 'storage'>): string =>
  `${boot === 'default' ? 'stock' : boot}${storage === plain ? '' : `, ${storage}`}`;

export const countText = ({ failing, of, rate, work }: ArmTally): string =>
  [`${failing}/${of}`, rate === null ? '' : rateText(rate), workText(work)].filter(Boolean).join(' ');
