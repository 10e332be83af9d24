import { type ErrorDetails, ImageError, messageOf } from '../../errors.js';

/** Did this connection never come about? Then patience helps little: the host is gone, or this network leads nowhere. */
export const isUnreachable = (error: unknown): boolean =>
  /ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|CONNECT_TIMEOUT|HTTP Tunneling/.test(
    failureReason(error),
  );

/** Rows of the same archive needn't find out one by one that it can't be reached. */
export function markUnreachable(url: string, why: string): void {
  marked.set(new URL(url).host, { why, until: Date.now() + memorySeconds * 1000 });
}

/** @throws ImageError where this process found the URL's host unreachable a short while ago */
export function refuseUnreachable(what: string, url: string): void {
  const known = marked.get(new URL(url).host);
  if (known !== undefined && Date.now() < known.until) throw unreachableError(what, url, known.why);
}

/** No word came from the server. */
class UnreachableError extends ImageError {
  readonly host: string;

  constructor(message: string, { where, ...details }: ErrorDetails & { readonly where: string }) {
    super(message, { where, ...details });
    this.host = new URL(where).host;
  }
}

/** The server whose silence an error came of; undefined where it has another reason. */
export function unreachableHost(error: unknown): string | undefined {
  if (error instanceof UnreachableError) return error.host;
  return error instanceof Error && error.cause !== undefined ? unreachableHost(error.cause) : undefined;
}

export const unreachableError = (what: string, url: string, why: string, cause?: unknown): ImageError =>
  new UnreachableError(`${what} can't be downloaded: the server can't be reached (${why})`, {
    where: url,
    remedy: 'check the network; behind a proxy set http_proxy and https_proxy',
    cause,
  });

/** Why a request failed. undici's own words are few ("terminated"); the cause below them has the reason. */
export function failureReason(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const cause = error instanceof Error ? error.cause : undefined;
  const words = [error, inner, cause].filter((one) => one instanceof Error).map(describe);
  return [...new Set(words)].filter(Boolean).join(': ') || messageOf(error);
}

const marked = new Map<string, { readonly why: string; readonly until: number }>();
const memorySeconds = 300;

function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.message.includes(code)) return error.message;
  return error.message === '' ? code : `${error.message} (${code})`;
}
