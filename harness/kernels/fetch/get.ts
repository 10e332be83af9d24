import type { Readable } from 'node:stream';
import type { FetchContext } from './context.js';
import { inTurn } from './host-turns.js';
import { followRedirect } from './redirect.js';
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
  const { request } = await import('undici');
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
        dispatcher: await transport(),
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
    current = followRedirect(current, end.location, visited, url);
  }
}

const redirects = new Set([301, 302, 303, 307, 308]);
