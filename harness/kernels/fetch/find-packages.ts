import { createReadStream } from 'node:fs';
import { ImageError } from '../../errors.js';
import { matchesAny } from '../../matrix/glob.js';
import { type CompressionSuffix, decompress } from '../decompress.js';
import { asDigest, type Digests } from './digests.js';
import { isInside } from './layout.js';
import { newestFirst } from './newest-first.js';
import { type Paragraph, paragraphsOf, parseParagraph } from './paragraphs.js';

/** A package as a Packages file describes it. */
export interface IndexedPackage {
  readonly name: string;
  readonly version: string;
  /** Below the archive's base URL; checked to stay there. */
  readonly path: string;
  readonly bytes: number;
  readonly digests: Digests;
}

export interface PackagesFile {
  readonly path: string;
  readonly compression: CompressionSuffix;
  /** Where it came from, for errors. */
  readonly url: string;
  /** Most bytes that it may unpack to. */
  readonly maximumBytes: number;
}

/**
 * The packages of a Packages file whose names match, for amd64, in the order of newestFirst. The file is streamed.
 *
 * @throws ImageError for a file that is broken, or hostile: endless, or naming a path outside the archive
 */
export async function findPackages(
  file: PackagesFile,
  patterns: readonly string[],
): Promise<IndexedPackage[]> {
  const found = await decompress(createReadStream(file.path), file.compression, file.url, async (plain) => {
    const packages: IndexedPackage[] = [];
    for await (const text of paragraphsOf(plain, { where: file.url, maximumBytes: file.maximumBytes })) {
      // most are of no interest, and parsing is the larger part of the time
      const name = /(?:^|\n)Package: *(\S+)/i.exec(text)?.[1];
      if (name === undefined || !matchesAny(name, patterns)) continue;
      const fields = parseParagraph(text, file.url);
      if (fields.get('architecture') === 'amd64') packages.push(toPackage(name, fields, file.url));
      if (packages.length > maximumMatches) {
        throw new ImageError(`more than ${maximumMatches} packages match ${patterns.join(', ')}`, {
          where: file.url,
          remedy: 'name the package more closely in matrix.yml',
        });
      }
    }
    return packages;
  });
  return found.sort(newestFirst);
}

const maximumMatches = 10_000;

function toPackage(name: string, fields: Paragraph, where: string): IndexedPackage {
  const [version = '', path = '', size = ''] = ['version', 'filename', 'size'].map(
    (field) => fields.get(field) ?? '',
  );
  const digests = {
    ...asDigest('sha256', fields.get('sha256')),
    ...asDigest('sha1', fields.get('sha1')),
    ...asDigest('md5', fields.get('md5sum')),
  };
  const refuse = (what: string) =>
    new ImageError(`the index is broken or hostile: ${name} has ${what}`, {
      where,
      remedy: 'use another archive',
    });
  const plain = path.replace(/^\.\//, '');
  if (!isInside(plain)) throw refuse(`a path outside the archive: ${JSON.stringify(path.slice(0, 200))}`);
  if (!/^\d[\w.+:~-]*$/.test(version)) throw refuse(`no version: ${JSON.stringify(version.slice(0, 100))}`);
  if (!/^\d{1,15}$/.test(size)) throw refuse(`no size: ${JSON.stringify(size.slice(0, 40))}`);
  if (Object.keys(digests).length === 0) throw refuse('no digest at all');
  return { name, version, path: plain, bytes: Number(size), digests };
}
