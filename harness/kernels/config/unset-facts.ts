import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { HarnessBug } from '../../errors.js';
import { projectRoot } from '../../host/project.js';
import { readOptionNames } from '../build/option-names.js';
import { checkConfig } from './check-config.js';
import type { KernelConfig } from './kernel-config.js';

/**
 * Facts of the feature probe (filesystem.xfs) that a kernel lacks because of its configuration alone: its tree has the
 * option, and it was built without.
 *
 * @param release uname -r of the kernel
 */
export async function unsetFacts(config: KernelConfig, release: string): Promise<string[]> {
  const options = await factOptions();
  const table = await readOptionNames();
  const judged = Object.values(checkConfig(config, release)).flatMap((group) =>
    typeof group === 'string' ? [] : group.options,
  );
  return Object.entries(options).flatMap(([fact, option]) => {
    const names = table.find((aliases) => aliases.includes(option)) ?? [option];
    const values = names.map((name) => config.values.get(name));
    if (values.some((value) => value === 'y' || value === 'm')) return [];
    // what depends on something that is off isn't listed at all: then the version says whether its tree has it
    const known = judged.some((one) => one.option === option && one.status === 'missing' && one.note === '');
    return known || values.includes('n') ? [fact] : [];
  });
}

const file = join(projectRoot, 'images', 'kernels', 'fact-options.yml');
const schema = z.record(z.string().regex(/^[a-z]+\.[\w-]+$/), z.string().regex(/^[A-Z][A-Z0-9_]*$/));

async function factOptions(): Promise<z.infer<typeof schema>> {
  const result = schema.safeParse(parse(await readFile(file, 'utf8')));
  if (!result.success) throw new HarnessBug(z.prettifyError(result.error), { where: file });
  return result.data;
}
