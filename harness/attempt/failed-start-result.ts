import type { StartError } from '../errors.js';
import type { Attempt, AttemptResult } from './types.js';
import { unavailableResult } from './unavailable.js';

/** An attempt whose machine never came up, though it was tried twice: nothing is known of its kernel. */
export const failedStartResult = (
  { key, image }: Attempt,
  { message }: Pick<StartError, 'message'>,
): AttemptResult => ({
  ...unavailableResult(key, message),
  outcome: 'harness-error',
  release: image.kernel.release,
  imageId: image.id,
});
