import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ImageError } from '../../errors.js';
import { projectRoot } from '../../host/project.js';

/** All names that one option has had, today's first; images/kernels/options.yml. */
export type OptionNames = readonly (readonly string[])[];

const schema = z.strictObject({ names: z.array(z.array(z.string().regex(/^\w+$/)).min(2)) });

/** @throws ImageError where the table can't be read */
export async function readOptionNames(
  file = join(projectRoot, 'images/kernels/options.yml'),
): Promise<OptionNames> {
  const result = schema.safeParse(parse(await readFile(file, 'utf8')));
  if (!result.success) {
    throw new ImageError(`the table of option names doesn't parse: ${z.prettifyError(result.error)}`, {
      where: file,
    });
  }
  return result.data.names;
}

/** The name that a tree has for this option: the first of all its names that the tree defines; undefined for none. */
export function nameInTree(
  name: string,
  defined: ReadonlySet<string>,
  table: OptionNames,
): string | undefined {
  if (defined.has(name)) return name;
  const names = table.find((aliases) => aliases.includes(name)) ?? [name];
  return names.find((alias) => defined.has(alias));
}
