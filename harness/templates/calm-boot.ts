import { ImageError } from '../errors.js';

/** A kernel reported something while a template was booted: whoever began there would have that report as its own. */
export class ReportedAtBoot extends ImageError {}

/** A boot that is tried once more where the kernel reported something: some stall once in hundreds of boots. */
export async function calmBoot<T>(boot: () => Promise<T>): Promise<T> {
  try {
    return await boot();
  } catch (error) {
    if (error instanceof ReportedAtBoot) return await boot();
    throw error;
  }
}
