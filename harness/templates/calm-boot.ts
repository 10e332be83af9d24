import { ImageError } from '../errors.js';

/** A kernel reported something while a template was booted: whoever began there would have that report as its own. */
export class ReportedAtBoot extends ImageError {}

/** A boot that is tried once more where the kernel reported something: 3.8 was seen to report a stall in one boot of many. */
export async function calmBoot<T>(boot: () => Promise<T>): Promise<T> {
  try {
    return await boot();
  } catch (error) {
    if (error instanceof ReportedAtBoot) return await boot();
    throw error;
  }
}
