import { ImageError } from '../../errors.js';
import { type Algorithm, asDigest, type Digests } from './digests.js';
import { parseParagraph } from './paragraphs.js';

/** A Release file, after its signature was checked. */
export interface Release {
  /** Names that the archive gives this suite: squeeze, oldstable. */
  readonly names: readonly string[];
  readonly components: readonly string[];
  /** Milliseconds since the epoch; undefined where the archive sets no end, as archives that no longer change do. */
  readonly validUntil: number | undefined;
  readonly files: ReadonlyMap<string, IndexedFile>;
}

export interface IndexedFile {
  readonly bytes: number;
  readonly digests: Digests;
}

/** @throws ImageError for what isn't a Release file */
export function parseRelease(text: string, where: string): Release {
  const fields = parseParagraph(text, where);
  const files = new Map<string, IndexedFile>();
  for (const [algorithm, field] of sections) {
    for (const line of (fields.get(field) ?? '').split('\n')) addFile(files, algorithm, line, where);
  }
  if (files.size === 0) {
    throw new ImageError('not a Release file: it lists no files', {
      where,
      remedy: 'correct the row in matrix.yml',
    });
  }
  const until = fields.get('valid-until');
  return {
    names: ['suite', 'codename'].map((name) => fields.get(name) ?? '').filter(Boolean),
    components: (fields.get('components') ?? '').split(/\s+/).filter(Boolean),
    validUntil: until === undefined ? undefined : parseDate(until, where),
    files,
  };
}

const sections: readonly (readonly [Algorithm, string])[] = [
  ['sha256', 'sha256'],
  ['sha1', 'sha1'],
  ['md5', 'md5sum'],
];

/** One line of a section: digest, size, path. */
function addFile(files: Map<string, IndexedFile>, algorithm: Algorithm, line: string, where: string): void {
  const [hex, size, path] = line.trim().split(/\s+/);
  if (hex === undefined || hex === '') return;
  const digests = asDigest(algorithm, hex);
  if (path === undefined || !/^\d{1,15}$/.test(size ?? '') || digests[algorithm] === undefined) {
    throw new ImageError(`a line of the Release file makes no sense: ${line.slice(0, 120)}`, {
      where,
      remedy: 'the archive is broken or hostile; use another',
    });
  }
  const known = files.get(path);
  if (known !== undefined && known.bytes !== Number(size)) {
    throw new ImageError(`the Release file gives ${path} two sizes, ${known.bytes} and ${size}`, {
      where,
      remedy: 'the archive is broken or hostile; use another',
    });
  }
  files.set(path, { bytes: Number(size), digests: { ...known?.digests, ...digests } });
}

function parseDate(text: string, where: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new ImageError(`the Release file's Valid-Until is no date: ${text.slice(0, 60)}`, {
      where,
      remedy: 'the archive is broken or hostile; use another',
    });
  }
  return time;
}
