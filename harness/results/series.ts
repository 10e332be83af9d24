import { open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { AttemptResult } from '../attempt/types.js';
import { makeFolder } from '../host/make-folder.js';
import { diskError } from './disk-error.js';
import { nameInPack, readFromPack } from './evidence-pack.js';
import { readLines } from './read-lines.js';

type Sample = AttemptResult['samples'][number];

export const sample: z.ZodType<Sample> = z.object({
  name: z.string(),
  value: z.number(),
  uptime: z.number(),
});

/**
 * Puts an attempt's samples on disk, one JSON object per line: thousands of them would make its own line one that can't be read.
 *
 * @param name within the run's folder
 * @throws HostError where the disk refuses
 */
export async function writeSeries(folder: string, name: string, samples: readonly Sample[]): Promise<void> {
  const path = join(folder, name);
  try {
    // a run that an older kmatrix began has no such folder
    await makeFolder(dirname(path));
    await using file = await open(path, 'w');
    await file.writeFile(samples.map((one) => `${JSON.stringify(one)}\n`).join(''));
    await file.sync();
  } catch (cause) {
    await rm(path, { force: true }).catch(() => {});
    throw diskError("the samples can't be stored", path, cause);
  }
}

/** The samples of a stored attempt, in the order in which they came; a line that is none is left out, as is a file beyond all bounds. */
export async function readSeries(
  folder: string,
  { samples, series }: Pick<AttemptResult, 'samples'> & { readonly series: string },
): Promise<readonly Sample[]> {
  // runs from before they had a file have them in the attempt's line
  if (series === '') return samples;
  const packed = nameInPack(series);
  if (packed !== undefined)
    return samplesOf(((await readFromPack(folder, packed)) ?? '').toString().split('\n'));
  const path = join(folder, series);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > mostBytes) return [];
  const lines: string[] = [];
  for await (const { text } of readLines(path)) lines.push(text);
  return samplesOf(lines);
}

const samplesOf = (lines: readonly string[]): Sample[] =>
  lines.flatMap((text) => sample.safeParse(jsonOrNull(text)).data ?? []);

/** Sixteen times what an agent's session keeps. */
const mostBytes = 32 * 2 ** 20;

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
