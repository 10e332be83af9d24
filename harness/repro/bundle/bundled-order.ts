import { startOrder } from '../../attempt/start-order.js';
import type { Attempt } from '../../attempt/types.js';
import type { Start } from '../../guest/agent.js';
import { sha256 } from '../../host/hash.js';

/** An attempt's start order with a clock and entropy that are the same each time. */
export const bundledOrder = (attempt: Pick<Attempt, 'key' | 'cell'>, startedAt: string): Start =>
  startOrder(attempt, {
    time: Math.floor(Date.parse(startedAt) / 1000),
    entropy: sha256(`${attempt.key.cell} ${attempt.key.seed}`),
  });
