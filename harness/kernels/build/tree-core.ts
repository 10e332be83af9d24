import { z } from 'zod';
import { sha256 } from '../../host/hash.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import { type CoreFiles, coreFolderOf, coreFolders } from './core-files.js';

export const treeCoreSchema = z.object({
  /** What the tree's Makefile says: 3.2.71. */
  version: z.string(),
  /** How many files its core folders have. */
  files: z.number().int().nonnegative(),
  /** Core folder → SHA-256 (hex) over the paths and git's hashes of its files. */
  folders: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
  /** Was it a tarball whose hash a signed list has? */
  signed: z.literal(true).exactOptional(),
});
/** What the core of a source tree was before kmatrix changed anything in it: enough to know the same tree again. */
export type TreeCore = Readonly<z.infer<typeof treeCoreSchema>>;

export function treeCore(version: string, files: CoreFiles): TreeCore {
  const lines = Object.fromEntries(coreFolders.map((folder) => [folder, [] as string[]]));
  for (const [path, hash] of files) lines[coreFolderOf(path) ?? '']?.push(`${hash} ${path}\n`);
  const folders = Object.entries(lines).map(([folder, of]) => [folder, sha256(of.join(''))] as const);
  return { version, files: files.size, folders: Object.fromEntries(folders) };
}

/** One hash (hex) for all core folders. */
export const coreId = ({ folders }: Pick<TreeCore, 'folders'>): string => sha256(canonicalJson(folders));
