import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { cacheFolder } from '../host/cache.js';
import { withFileErrors } from '../host/file-errors.js';
import { sha256 } from '../host/hash.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import type { KernelRow } from '../matrix/types.js';
import { treeCoreSchema } from './build/tree-core.js';

/** What a kernel is asked for by: a row as written, or a name given to `kmatrix images import`. */
export interface KernelName {
  readonly space: 'rows' | 'imported';
  /** Row id, or imported name. */
  readonly name: string;
  /** Changes when the answer may: a hash over the source as written, or over what a tree is built from. */
  readonly key: string;
}

/** A row's name; its key covers the source as written in matrix.yml. */
export const rowName = (row: Pick<KernelRow, 'id' | 'source'>): KernelName => ({
  space: 'rows',
  name: row.id,
  key: sha256(canonicalJson(row.source)),
});

export const importedName = (name: string): KernelName => ({ space: 'imported', name, key: '' });

const bindingSchema = z.object({
  entry: z.string().regex(/^[0-9a-f]{64}$/),
  provenance: z.string(),
  seconds: z.number(),
  /** askedKey of the row when kmatrix built the kernel; absent where it came by another way. */
  asked: z.string().optional(),
  /** Of the tree that the kernel was built from; absent where it was not built, or before this was recorded. */
  core: treeCoreSchema.optional(),
});
/** Name → entry, with how this name came by it: two names may share an entry's bytes, not its history. */
export type Binding = Readonly<z.infer<typeof bindingSchema>>;

export async function readBinding(name: KernelName): Promise<Binding | undefined> {
  return readBindingFile(await bindingPath(name));
}

export async function writeBinding(name: KernelName, binding: Binding): Promise<void> {
  const path = await bindingPath(name);
  await withFileErrors(path, () => writeFileAtomic(path, `${JSON.stringify(binding)}\n`));
}

/** Names of a space that have a binding, sorted. A row that was bound under several keys appears once. */
export async function boundNames(space: KernelName['space']): Promise<string[]> {
  const names = (await bindingFiles(space)).map(({ name }) => name);
  return [...new Set(names)].sort();
}

/** A name and the entry it stands for. */
export interface BoundName extends Pick<KernelName, 'space' | 'name'> {
  readonly entry: string;
}

/** All that names stand for, sorted; entries may be gone meanwhile. */
export async function listBindings(): Promise<BoundName[]> {
  const found = new Map<string, BoundName>();
  for (const space of ['imported', 'rows'] as const) {
    for (const { path, name } of await bindingFiles(space)) {
      const entry = (await readBindingFile(path))?.entry;
      if (entry !== undefined) found.set(`${space} ${name} ${entry}`, { space, name, entry });
    }
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** Forgets names whose entry no longer exists. */
export async function dropDanglingBindings(exists: (entry: string) => boolean): Promise<void> {
  for (const space of ['imported', 'rows'] as const) {
    for (const { path } of await bindingFiles(space)) {
      const entry = (await readBindingFile(path))?.entry;
      if (entry === undefined || !exists(entry)) await withFileErrors(path, () => rm(path, { force: true }));
    }
  }
}

/** Forgets a name, under all of its keys or those that stand for one entry. */
export async function dropBindings(
  { space, name }: Pick<KernelName, 'space' | 'name'>,
  entry?: string,
): Promise<void> {
  for (const file of await bindingFiles(space)) {
    if (file.name !== name) continue;
    if (entry !== undefined && (await readBindingFile(file.path))?.entry !== entry) continue;
    await withFileErrors(file.path, () => rm(file.path, { force: true }));
  }
}

async function bindingFiles(space: KernelName['space']): Promise<{ path: string; name: string }[]> {
  const folder = await cacheFolder(space);
  return (await readdir(folder)).flatMap((file) => {
    const [, safe] = /^(.+?)(?:@[0-9a-f]{16})?\.json$/.exec(file) ?? [];
    if (safe === undefined) return [];
    const name = safe.replace(/%([0-9a-f]+);/g, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    );
    return { path: join(folder, file), name };
  });
}

async function readBindingFile(path: string): Promise<Binding | undefined> {
  try {
    return bindingSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function bindingPath({ space, name, key }: KernelName): Promise<string> {
  const safe = name.replace(
    /[^A-Za-z0-9._+-]/g,
    (character) => `%${character.codePointAt(0)?.toString(16)};`,
  );
  return join(await cacheFolder(space), `${safe}${key === '' ? '' : `@${sha256(key).slice(0, 16)}`}.json`);
}
