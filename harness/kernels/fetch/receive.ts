import { open, readFile, stat } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { ImageError } from '../../errors.js';
import { withFileErrors } from '../../host/file-errors.js';
import { printable } from '../../host/printable.js';
import { retryAfterSeconds } from './back-off.js';
import type { FetchContext } from './context.js';
import { type DownloadPlace, dropPart } from './download-cache.js';
import type { Answer } from './get.js';
import type { Wanted } from './wanted.js';

/** How one attempt ended. */
export type ReceivedEnd =
  | { readonly type: 'complete'; readonly resumed: boolean }
  | { readonly type: 'absent'; readonly resumed: boolean }
  | {
      readonly type: 'broken';
      readonly why: string;
      readonly cause?: unknown;
      readonly host: string;
      readonly retryAfter?: number | undefined;
      readonly resumed: boolean;
      /** Is more of the file here than before? */
      readonly progressed: boolean;
    };

/** What is here of an unfinished download. */
export interface Part {
  readonly bytes: number;
  /** A strong ETag or a Last-Modified, for If-Range (RFC 9110, 13.1.5). */
  readonly validator: string | undefined;
}

export async function readPart(place: DownloadPlace, { digests, bytes: whole }: Wanted): Promise<Part> {
  const bytes = await stat(place.part).then(
    ({ size }) => size,
    () => 0,
  );
  const validator = await readFile(place.partRecord, 'utf8').then(
    (text) => partRecordSchema.safeParse(parsed(text)).data?.validator,
    () => undefined,
  );
  // with neither a validator nor a digest nobody could tell whether the halves belong together
  const useless = validator === undefined && Object.keys(digests).length === 0;
  if (bytes > 0 && (useless || bytes > (whole ?? Number.POSITIVE_INFINITY))) {
    await dropPart(place);
    return { bytes: 0, validator: undefined };
  }
  return { bytes, validator };
}

/** Ask for the rest. */
export const headersFor = ({ bytes, validator }: Part): Record<string, string> =>
  bytes === 0 ? {} : { range: `bytes=${bytes}-`, ...(validator !== undefined && { 'if-range': validator }) };

/** Reads an answer into the partial file. */
export async function receive(
  answer: Answer,
  wanted: Wanted,
  place: DownloadPlace,
  part: Part,
  context: FetchContext,
): Promise<ReceivedEnd> {
  const { status, url } = answer;
  const resumed = part.bytes > 0;
  const broken = (why: string, progressed = false): ReceivedEnd => ({
    type: 'broken',
    why,
    host: url.host,
    retryAfter: retryAfterSeconds(answer.header('retry-after')),
    resumed,
    progressed,
  });
  if (status === 200) return write(answer, 0, wanted, place, context, broken);
  if (status === 206 && startOf(answer) === part.bytes) {
    return write(answer, part.bytes, wanted, place, context, broken);
  }
  if (status === 404 || status === 410) return { type: 'absent', resumed };
  if (status === 206 || status === 416) {
    const whole = Number(/^bytes \*\/(\d+)$/.exec(answer.header('content-range') ?? '')?.[1]);
    if (status === 416 && whole === part.bytes) return { type: 'complete', resumed };
    await dropPart(place);
    return broken(`the server can't resume (${status})`);
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return broken(`the server answers ${status}`);
  throw new ImageError(`${wanted.what} is refused: the server answers ${status}`, {
    where: url.href,
    remedy: status === 407 ? 'put name and password into https_proxy' : 'name another server in matrix.yml',
  });
}

const partRecordSchema = z.object({ validator: z.string() });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const startOf = ({ header }: Answer): number =>
  Number(/^bytes (\d+)-/.exec(header('content-range') ?? '')?.[1]);

async function write(
  answer: Answer,
  offset: number,
  wanted: Wanted,
  place: DownloadPlace,
  context: FetchContext,
  broken: (why: string, progressed: boolean) => ReceivedEnd,
): Promise<ReceivedEnd> {
  const announced = announcedBytes(answer, offset);
  const whole = wanted.bytes ?? announced;
  const resumed = offset > 0;
  checkAnnounced(announced, wanted, answer);
  const total = await withFileErrors(place.part, async () => {
    if (offset === 0) {
      await dropPart(place);
      await rememberValidator(answer, place);
    }
    return append(answer, offset, whole, wanted, place, context);
  });
  if (whole !== undefined && total < whole) {
    return broken(`the connection ended after ${total} of ${whole} bytes`, total > offset);
  }
  return { type: 'complete', resumed };
}

/** The size of the whole file as the server has it; undefined where it doesn't say. */
function announcedBytes({ status, header }: Answer, offset: number): number | undefined {
  const length = header('content-length');
  if (status === 206) {
    const whole = /\/(\d+)$/.exec(header('content-range') ?? '')?.[1];
    if (whole !== undefined) return Number(whole);
  }
  return length === undefined || !/^\d+$/.test(length) ? undefined : Number(length) + offset;
}

function checkAnnounced(
  announced: number | undefined,
  { what, bytes, maximumBytes }: Wanted,
  { url }: Answer,
): void {
  if (announced === undefined) return;
  if (bytes !== undefined && announced !== bytes) {
    throw new ImageError(
      `${what} has another size on the server (${announced} bytes) than in the index (${bytes})`,
      {
        where: url.href,
        remedy: 'the archive is being updated, or a proxy answers in its place; try again later or elsewhere',
      },
    );
  }
  if (announced > maximumBytes) throw tooLarge(what, maximumBytes, url);
}

async function append(
  { body, url }: Answer,
  offset: number,
  whole: number | undefined,
  { what, maximumBytes }: Wanted,
  place: DownloadPlace,
  { kernel, onEvent }: FetchContext,
): Promise<number> {
  const limit = whole ?? maximumBytes;
  const file = await open(place.part, offset === 0 ? 'w' : 'a');
  try {
    let [total, percent] = [offset, -1];
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (total === 0) refuseWebPage(chunk, what, url);
      total += chunk.length;
      if (total > limit) {
        await dropPart(place);
        throw tooLarge(what, limit, url);
      }
      await file.appendFile(chunk);
      const now = Math.floor((100 * total) / limit);
      if (whole !== undefined && now > percent) {
        percent = now;
        onEvent({ type: 'image-progress', kernel, step: `downloading ${what}`, fraction: total / limit });
      }
    }
    return total;
  } finally {
    await file.close();
  }
}

/** Portals and proxies answer 200 with a page of their own. */
function refuseWebPage(first: Buffer, what: string, url: URL): void {
  const start = first.subarray(0, 200).toString('latin1');
  if (!/^\s*<(!doctype|html|head|\?xml)/i.test(start)) return;
  throw new ImageError(`a web page came in place of ${what}: ${printable(start.trim().slice(0, 60))}…`, {
    where: url.href,
    remedy: 'open it in a browser: a portal or proxy may want something first, or the URL may be a folder',
  });
}

async function rememberValidator({ header }: Answer, { partRecord }: DownloadPlace): Promise<void> {
  const etag = header('etag');
  const validator = etag?.startsWith('"') ? etag : header('last-modified');
  if (validator !== undefined) await writeFileAtomic(partRecord, JSON.stringify({ validator }));
}

const tooLarge = (what: string, limit: number, url: URL): ImageError =>
  new ImageError(`${what} is larger than it may be (${limit} bytes)`, {
    where: url.href,
    remedy: 'the server or its index is broken or hostile; use another',
  });
