import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

/** Answers in the file's place and says so, or leaves it to the server. */
export type Trick = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

export interface ArchiveServer {
  readonly url: string;
  /** Method, path and Range of every request, in order. */
  readonly requests: { readonly path: string; readonly range: string | undefined; readonly agent: string }[];
  /** Most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  trick: Trick;
  readonly close: () => Promise<void>;
}

/** Serves a folder on loopback as a plain web server does: Range, If-Range and ETag included. */
export async function serveArchive(folder: string): Promise<ArchiveServer> {
  const requests: ArchiveServer['requests'] = [];
  let [now, most] = [0, 0];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    requests.push({ path, range: request.headers.range, agent: request.headers['user-agent'] ?? '' });
    most = Math.max(most, ++now);
    response.once('close', () => now--);
    if (!result.trick(request, response, path))
      serveFile(folder, path, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const result: ArchiveServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    mostAtOnce: () => most,
    trick: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return result;
}

export const etagOf = (size: number): string => `"size-${size}"`;

async function serveFile(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = await stat(join(folder, path)).catch(() => undefined);
  if (!found?.isFile()) {
    response.writeHead(404).end('no such file');
    return;
  }
  const { size } = found;
  const etag = etagOf(size);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const asked = request.headers['if-range'];
  if (start >= size && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  const partial = start > 0 && (asked === undefined || asked === etag);
  const from = partial ? start : 0;
  response.writeHead(partial ? 206 : 200, {
    etag,
    'content-length': size - from,
    ...(partial && { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
  });
  createReadStream(join(folder, path), { start: from }).pipe(response);
}
