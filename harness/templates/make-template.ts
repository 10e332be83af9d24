import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyedEntry } from '../cache/keyed-entry.js';
import { Machine } from '../vm/machine.js';
import { saveState } from '../vm/saved-state.js';
import { bootTemplate } from './boot-template.js';
import { calmBoot } from './calm-boot.js';
import type { MachineRequest } from './opened.js';
import { type AboutTemplate, openTemplate, type Template, templateFiles } from './template.js';
import { templateKey } from './template-key.js';

/**
 * The template of a machine: the one in the cache, or made by booting it once to READY and saving it there.
 *
 * @throws ImageError where this kernel can't be saved (it never was ready, it reported something on the way, twice), HostError
 *   where QEMU can't; the signal's reason
 */
export async function obtainTemplate(
  request: MachineRequest,
  kernel: Pick<AboutTemplate, 'kernel' | 'release'>,
  signal: AbortSignal,
): Promise<Template> {
  const entry = await keyedEntry(
    'templates',
    await templateKey(request),
    (staged) => calmBoot(() => bootAndSave(staged, request, kernel, signal)),
    // the RAM is nominally as large as the machine's memory; its size and time of change say whether it was touched
    { always: (path) => path !== templateFiles.memory, signal },
  );
  return openTemplate(entry);
}

async function bootAndSave(
  staged: string,
  request: MachineRequest,
  kernel: Pick<AboutTemplate, 'kernel' | 'release'>,
  signal: AbortSignal,
): Promise<AboutTemplate> {
  const memory = { kind: 'file', path: join(staged, templateFiles.memory), share: true } as const;
  // of a boot that was no good: RAM begins empty
  await rm(memory.path, { force: true });
  await using machine = await Machine.start(request.spec, { signal, memory });
  const { console, ...boot } = await bootTemplate(machine, request, kernel.release, signal);
  await saveState(machine, join(staged, templateFiles.state), signal);
  await writeFile(join(staged, templateFiles.console), console);
  return { ...kernel, ...boot };
}
