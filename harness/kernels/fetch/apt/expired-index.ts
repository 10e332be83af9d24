import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AptRoot } from './private-root.js';

/**
 * What is to be said of a suite whose index is past its date: a mirror that is no longer fed, or a suite at its end. Its
 * signature counts as before, so that what it names is genuine; what may be missing are the latest versions. apt is told not
 * to refuse it (private-root.ts), so that this is where it is noticed.
 *
 * @returns undefined where all indexes are in date
 */
export async function expiredIndex({ folder }: AptRoot, now = Date.now()): Promise<string | undefined> {
  const lists = join(folder, 'state', 'lists');
  const names = (await readdir(lists).catch((): string[] => [])).filter((name) =>
    /_(In)?Release$/.test(name),
  );
  const said: string[] = [];
  for (const name of names.sort()) {
    const text = await readFile(join(lists, name), 'utf8').catch(() => '');
    const field = (key: string): string => new RegExp(`^${key}: *(.*?) *$`, 'im').exec(text)?.[1] ?? '';
    const until = Date.parse(field('Valid-Until'));
    if (!(until < now)) continue;
    said.push(
      `${field('Codename') || field('Suite')}'s index expired on ${new Date(until).toISOString().slice(0, 10)}`,
    );
  }
  return said.length === 0 ? undefined : said.join(', ');
}
