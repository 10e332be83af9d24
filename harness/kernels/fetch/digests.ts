import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Hash functions of archives, strongest first. */
export const algorithms = ['sha256', 'sha1', 'md5'] as const;
export type Algorithm = (typeof algorithms)[number];

/** What is known of a file's bytes, in lower-case hex. */
export type Digests = Readonly<Partial<Record<Algorithm, string>>>;

/** The strongest of them, undefined where there is none. */
export function strongest(
  digests: Digests,
): { readonly algorithm: Algorithm; readonly hex: string } | undefined {
  for (const algorithm of algorithms) {
    const hex = digests[algorithm];
    if (hex !== undefined) return { algorithm, hex };
  }
  return undefined;
}

/** A digest as written in an index, or undefined where it isn't one. */
export function asDigest(algorithm: Algorithm, written: string | undefined): Digests {
  const hex = written?.trim().toLowerCase();
  const sound = hex !== undefined && hex.length === hexLength[algorithm] && /^[0-9a-f]+$/.test(hex);
  return sound ? { [algorithm]: hex } : {};
}

const hexLength: Readonly<Record<Algorithm, number>> = { sha256: 64, sha1: 40, md5: 32 };

/** SHA-256 of a file and whichever other digests are named, in one pass over it. */
export async function digestFile(
  path: string,
  also: Digests,
): Promise<Digests & { readonly sha256: string; readonly bytes: number }> {
  const others = algorithms.filter((algorithm) => algorithm !== 'sha256' && also[algorithm] !== undefined);
  const hashes = others.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  const sha256 = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      sha256.update(chunk);
      for (const { hash } of hashes) hash.update(chunk);
    }
  });
  const found = hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')]);
  return { ...Object.fromEntries(found), sha256: sha256.digest('hex'), bytes };
}

/** The first digest that differs, undefined where all agree. */
export function disagreement(
  wanted: Digests,
  found: Digests,
): { readonly algorithm: Algorithm; readonly wanted: string; readonly found: string } | undefined {
  for (const algorithm of algorithms) {
    const [expected, actual] = [wanted[algorithm], found[algorithm]];
    if (expected !== undefined && actual !== undefined && expected !== actual) {
      return { algorithm, wanted: expected, found: actual };
    }
  }
  return undefined;
}
