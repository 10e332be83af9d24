import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UsageError } from '../errors.js';
import { bugsFolder, type PagedBug } from './bugs.js';

/** The words of a bug's page: Markdown with places for figures. @throws UsageError where they can't be read */
export async function pageWords({ id }: Pick<PagedBug, 'id'>): Promise<string> {
  const path = join(bugsFolder, `${id}.md`);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`the words of the page can’t be read: ${messageOf(cause)}`, {
      where: path,
      remedy: 'restore the file',
      cause,
    });
  }
}
