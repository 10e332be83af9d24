import { z } from 'zod';
import type { KernelSource } from './kernel-source.js';

const text = z.string().min(1, 'an empty string');
const url = z.url({ protocol: /^https?$/, error: 'an http or https URL' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits');
const commit = z.string().regex(/^[0-9a-f]{40}$/, 'a commit is 40 lower-case hexadecimal digits');

const apt = z.strictObject({ distribution: z.enum(['debian', 'ubuntu']), suite: text, package: text });

const file = z.strictObject({
  bzImage: text,
  config: text.exactOptional(),
  systemMap: text.exactOptional(),
  modules: text.exactOptional(),
});

/** A suite of an archive, which userlands are made of too. */
export const archiveSuite = z.strictObject({
  baseUrl: url,
  timestamp: z
    .string()
    .regex(/^\d{8}T\d{6}Z$/, 'a snapshot timestamp is like 20110427T035506Z')
    .exactOptional(),
  suite: text,
  component: text.default('main'),
  keyrings: z.array(text).min(1, 'no key ring'),
  acceptExpired: z.boolean().default(false),
});

const archive = archiveSuite.extend({ package: text, companions: z.array(text).exactOptional() });

const patchSet = z
  .strictObject({
    folder: text.exactOptional(),
    git: z.strictObject({ repository: text, commit }).exactOptional(),
    apply: z.array(text).default([]),
    copy: z.array(text).default([]),
  })
  .refine((set) => (set.folder === undefined) !== (set.git === undefined), {
    error: 'a patch set has either folder or git',
  });

const signedSums = z.strictObject({
  url,
  signer: z.string().regex(/^[0-9A-F]{40}$/, 'a fingerprint is 40 capital hexadecimal digits'),
  keyUrl: url,
  keyring: z.string().regex(/^[\w.+-]+$/, 'a key ring is named, without folders'),
});

const tree = z
  .strictObject({
    supplied: z.literal(true).exactOptional(),
    tarball: z
      .strictObject({ url, sha256: sha256.nullable(), sums: signedSums.exactOptional() })
      .exactOptional(),
    folder: text.exactOptional(),
    git: z.strictObject({ repository: text, commit, folder: text.exactOptional() }).exactOptional(),
    config: z.record(z.string(), z.string()).default({}),
    require: z
      .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'an option is a name without CONFIG_'), text)
      .exactOptional(),
    patches: z.array(patchSet).default([]),
  })
  .refine(
    ({ supplied, tarball, folder, git }) =>
      [supplied, tarball, folder, git].filter((place) => place !== undefined).length === 1,
    { error: 'a tree is exactly one of tarball, folder, git, or supplied: true' },
  );

/** The key of each source kind in a kernel row, with what stands under it. */
export const sources = {
  apt: apt.exactOptional(),
  file: file.exactOptional(),
  imported: text.exactOptional(),
  archive: archive.exactOptional(),
  url: z.union([url.transform((one) => [one]), z.array(url).min(1, 'no URL')]).exactOptional(),
  tree: tree.exactOptional(),
};

export const sourceKinds = [
  'apt',
  'file',
  'imported',
  'archive',
  'url',
  'tree',
] as const satisfies readonly (keyof typeof sources & KernelSource['kind'])[];
