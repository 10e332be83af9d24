import { ImageError, UsageError } from '../errors.js';

/**
 * Runs `work` on files that were named on the command line. That they can't be read, or are no kernel, is a wrong word
 * of the caller's (exit code 2); the same trouble of a row of matrix.yml is an image that can't be had (3).
 *
 * @throws UsageError in place of ImageError, with its words
 */
export async function withCallersFiles<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const { message, where, remedy, cause } = error;
    throw new UsageError(message, { where, remedy, cause });
  }
}
