import { StringDecoder } from 'node:string_decoder';
import { ImageError } from '../../errors.js';

/** Fields of one paragraph, names in lower case, continuation lines kept with their newlines. */
export type Paragraph = ReadonlyMap<string, string>;

/**
 * Paragraphs of a control file (deb822(5)) as text, one after the other, in bounded memory: a Packages file of an old
 * suite has 30 MB, a hostile one has no end.
 *
 * @throws ImageError for a paragraph or a whole file larger than any
 */
export async function* paragraphsOf(
  bytes: AsyncIterable<Buffer>,
  { where, maximumBytes }: { readonly where: string; readonly maximumBytes: number },
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let [rest, seen] = ['', 0];
  for await (const chunk of bytes) {
    seen += chunk.length;
    if (seen > maximumBytes) throw unusable(`the index unpacks to more than ${maximumBytes} bytes`, where);
    const parts = (rest + decoder.write(chunk)).split('\n\n');
    rest = parts.pop() ?? '';
    if (rest.length > maximumParagraph) throw unusable('a paragraph of the index has no end', where);
    yield* parts.filter((part) => part.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}

/** @throws ImageError for a line that is no field */
export function parseParagraph(text: string, where: string): Paragraph {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (/^[ \t]/.test(line) && name !== '') {
      fields.set(name, `${fields.get(name) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) throw unusable(`a line that is no field: ${line.slice(0, 80)}`, where);
    name = line.slice(0, colon).toLowerCase();
    fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** The longest paragraphs of real archives (Depends of metapackages) have 20 kB. */
const maximumParagraph = 2 ** 20;

const unusable = (what: string, where: string): ImageError =>
  new ImageError(what, { where, remedy: 'the archive is broken or hostile; use another' });
