import type { Readable } from 'node:stream';
import { request } from 'undici';
import { ImageError } from '../../errors.js';
import { printable } from '../../host/printable.js';
import type { FetchContext } from './context.js';
import { inTurn } from './host-turns.js';
import { transport, userAgent } from './transport.js';

/** The answer at the end of the redirects. */
export interface Answer {
  /** Where it came from. */
  readonly url: URL;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Readable;
}

/**
 * One GET, redirects followed; `use` reads the body while this process holds its turn at that host.
 *
 * @throws ImageError for redirects that loop, are too many, or leave https; undici's errors for a connection that fails
 */
export async function get<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  { signal, patience }: FetchContext,
  use: (answer: Answer) => Promise<T>,
): Promise<T> {
  const idle = patience.idleSeconds * 1000;
  const visited = new Set<string>();
  for (let current = new URL(url); ; ) {
    visited.add(current.href);
    const end = await inTurn<{ value: T } | { location: string }>(current.host, signal, async () => {
      const {
        statusCode,
        headers: received,
        body,
      } = await request(current, {
        // identity: what counts is the file as the archive's index has it
        headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
        dispatcher: transport(),
        headersTimeout: idle,
        bodyTimeout: idle,
        signal,
      });
      // a body that is dropped below ends in an error nobody waits for
      body.on('error', () => undefined);
      try {
        const header = (name: string) => [received[name]].flat()[0];
        const location = header('location');
        if (redirects.has(statusCode) && location !== undefined) return { location };
        return { value: await use({ url: current, status: statusCode, header, body }) };
      } finally {
        body.destroy();
      }
    });
    if ('value' in end) return end.value;
    current = followed(current, end.location, visited, url);
  }
}

const redirects = new Set([301, 302, 303, 307, 308]);
/** Browsers stop at 20, apt at 10. */
const maximumRedirects = 10;

function followed(from: URL, location: string, visited: ReadonlySet<string>, start: string): URL {
  const refuse = (why: string, remedy: string) =>
    new ImageError(`${why}: ${from.href} to ${printable(location, 500)}`, { where: start, remedy });
  if (!URL.canParse(location, from.href))
    throw refuse('a redirect to no URL', 'name another URL in matrix.yml');
  const to = new URL(location, from);
  // fragments stay here, and a name or password never goes to where a server sends us
  to.hash = '';
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:')) {
    throw refuse('a redirect away from https', 'name the place it leads to in matrix.yml if you trust it');
  }
  if (visited.has(to.href))
    throw refuse('a redirect loop', 'the server is broken; name another URL in matrix.yml');
  if (visited.size > maximumRedirects) {
    throw refuse(`more than ${maximumRedirects} redirects`, 'name the last URL itself in matrix.yml');
  }
  return to;
}
