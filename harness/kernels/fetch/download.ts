import { ImageError, KmatrixError } from '../../errors.js';
import { counted } from '../../host/counted.js';
import { withLock } from '../../host/lock.js';
import { backOffSeconds } from './back-off.js';
import { type FetchContext, step } from './context.js';
import { digestFile, disagreement } from './digests.js';
import { type Download, dropPart, findDownload, keepDownload, placeOf } from './download-cache.js';
import { get } from './get.js';
import { pauseHost } from './host-turns.js';
import { headersFor, type ReceivedEnd, readPart, receive } from './receive.js';
import {
  failureReason,
  isUnreachable,
  markUnreachable,
  refuseUnreachable,
  unreachableError,
} from './unreachable.js';
import type { Wanted } from './wanted.js';

/**
 * A file over HTTP in the cache: taken from there where its hash is known and it is whole, else downloaded, resumed
 * where it broke off, by streams, and verified.
 *
 * @throws ImageError naming the URL and a remedy: not there, refused, wrong size, wrong hash, a web page in its place,
 *   not in the cache while offline; HostError for a full disk
 */
export async function download(wanted: Wanted, context: FetchContext): Promise<Download> {
  const found = await downloadIfPresent(wanted, context);
  if (found !== undefined) return found;
  if (context.offline) {
    throw new ImageError(`${wanted.what} is not in the cache, and this is an offline run`, {
      where: wanted.url,
      remedy: 'run once with a network connection',
    });
  }
  throw new ImageError(`${wanted.what} is not there (the server answers 404 or 410)`, {
    where: wanted.url,
    remedy: 'old files move: look for it in a browser and correct the row in matrix.yml',
  });
}

/** The same, but undefined where the server (offline: the cache) has no such file. */
export async function downloadIfPresent(
  wanted: Wanted,
  context: FetchContext,
): Promise<Download | undefined> {
  context.signal.throwIfAborted();
  checkSize(wanted);
  const immutable = Object.keys(wanted.digests).length > 0;
  if (immutable || context.offline) {
    const kept = await findDownload(wanted.url, wanted.digests);
    if (kept !== undefined) return kept;
  }
  if (context.offline) return undefined;
  refuseUnreachable(wanted.what, wanted.url);
  const { lock } = await placeOf(wanted.url);
  const fetched = withLock(
    lock,
    async () =>
      // whoever held the lock before may have fetched it
      (immutable ? await findDownload(wanted.url, wanted.digests) : undefined) ??
      (await fetch(wanted, context)),
    {
      onWait: () => step(context, `waiting for another kmatrix that downloads ${wanted.what}`),
      signal: context.signal,
    },
  );
  return fetched;
}

function checkSize({ bytes, maximumBytes, url, what }: Wanted): void {
  if (bytes !== undefined && bytes > maximumBytes) {
    throw new ImageError(`${what} is listed with ${bytes} bytes, more than the ${maximumBytes} allowed`, {
      where: url,
      remedy: 'the index is broken or hostile; use another archive',
    });
  }
}

async function fetch(wanted: Wanted, context: FetchContext): Promise<Download | undefined> {
  const place = await placeOf(wanted.url);
  let resumed = false;
  const { attempts } = context.patience;
  for (let [failures, all] = [0, 1]; ; all++) {
    const end = await attempt(wanted, context);
    resumed ||= end.resumed;
    switch (end.type) {
      case 'absent':
        return undefined;
      case 'complete': {
        const found = await digestFile(place.part, wanted.digests);
        const wrong = disagreement(wanted.digests, found);
        if (wrong === undefined) return keepDownload(wanted.url, place, found);
        await dropPart(place);
        if (!resumed) throw wrongHash(wanted, wrong);
        // the file may have changed between its two halves: once more from the start
        step(context, `${wanted.what}: the resumed download has a wrong ${wrong.algorithm}, starting over`);
        resumed = false;
        break;
      }
      case 'broken': {
        failures = end.progressed ? 1 : failures + 1;
        // a server that hands out one byte a connection doesn't get to do so for ever
        const most = isUnreachable(end.cause) ? Math.min(2, attempts) : attempts;
        if (failures >= most || all >= 10 * attempts) throw gaveUp(wanted, all, end);
        wait(wanted, end, failures, context);
        break;
      }
      default:
        return end satisfies never;
    }
  }
}

async function attempt(wanted: Wanted, context: FetchContext): Promise<ReceivedEnd> {
  const place = await placeOf(wanted.url);
  const part = await readPart(place, wanted);
  // a process that was killed between the last byte and the check
  if (part.bytes > 0 && part.bytes === wanted.bytes) return { type: 'complete', resumed: true };
  try {
    return await get(wanted.url, headersFor(part), context, (answer) =>
      receive(answer, wanted, place, part, context),
    );
  } catch (cause) {
    context.signal.throwIfAborted();
    if (cause instanceof KmatrixError) throw cause;
    const { bytes } = await readPart(place, wanted);
    const host = new URL(wanted.url).host;
    return {
      type: 'broken',
      why: failureReason(cause),
      cause,
      host,
      resumed: part.bytes > 0,
      progressed: bytes > part.bytes,
    };
  }
}

function wait(
  wanted: Wanted,
  { why, host, retryAfter }: ReceivedEnd & { type: 'broken' },
  failures: number,
  context: FetchContext,
): void {
  if (retryAfter !== undefined && retryAfter > context.patience.longestWaitSeconds) {
    throw new ImageError(`${host} asks to wait ${Math.ceil(retryAfter / 60)} minutes (${why})`, {
      where: wanted.url,
      remedy: 'run again after that; what was downloaded is kept',
    });
  }
  const seconds = Math.max(retryAfter ?? 0, backOffSeconds(failures, context.patience));
  pauseHost(host, seconds);
  step(context, `${wanted.what}: ${why}, next attempt in ${Math.ceil(seconds)} s`);
}

const wrongHash = (
  { what, url, remedy }: Wanted,
  { algorithm, wanted, found }: { algorithm: string; wanted: string; found: string },
): ImageError =>
  new ImageError(`${what} has the wrong ${algorithm}: ${found}, not ${wanted}`, {
    where: url,
    remedy:
      remedy ??
      'it was changed or damaged in transit, or the archive is being updated; try later, or use another server',
  });

function gaveUp(
  { what, url }: Wanted,
  attempts: number,
  { why, cause }: { why: string; cause?: unknown },
): Error {
  if (isUnreachable(cause)) {
    markUnreachable(url, why);
    return unreachableError(what, url, why, cause);
  }
  return new ImageError(
    `${what} can't be downloaded: ${why}, given up after ${counted(attempts, 'attempt')}`,
    {
      where: url,
      remedy: 'try again later; what was downloaded is kept and resumed',
      cause,
    },
  );
}
