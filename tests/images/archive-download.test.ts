import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { FetchContext } from '../../harness/images/archive/context.js';
import { download, downloadIfPresent, type Wanted } from '../../harness/images/archive/download.js';
import { hasty, makeBench } from './archive-context.js';
import { etagOf } from './archive-server.js';

const bytes = randomBytes(300_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');

async function serveOne(t: Test) {
  const bench = await makeBench(t);
  await writeFile(join(bench.folder, 'file.deb'), bytes);
  const wanted: Wanted = {
    url: `${bench.server.url}/file.deb`,
    what: 'file',
    digests: { sha256 },
    bytes: bytes.length,
    maximumBytes: 2 ** 20,
  };
  return { ...bench, wanted };
}

/** Cuts the connection once bytes have arrived: what is on its way when it breaks is lost anyway. */
const cuttingAtProgress = (context: FetchContext, cut: () => void): FetchContext => ({
  ...context,
  onEvent: (event) => {
    if (event.type === 'image-progress') cut();
  },
});

t.test('a download lies in the cache under its own hash, and no partial file is left', async (t) => {
  const { wanted, context } = await serveOne(t);
  const { path } = await download(wanted, context);
  t.match(path, new RegExp(`/downloads/sha256-${sha256}$`));
  t.ok(bytes.equals(await readFile(path)));
  const names = await readdir(join(path, '..'));
  t.same(
    names.filter((name) => name.includes('.part')),
    [],
  );
});

t.test('a download that breaks off goes on where it was, if the file is still the same', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  let [cuts, cut] = [2, () => {}];
  server.trick = (request, response) => {
    if (cuts-- <= 0) return false;
    const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
    response.writeHead(from === 0 ? 200 : 206, {
      etag: etagOf(bytes.length),
      'content-length': bytes.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.write(bytes.subarray(from, from + 100_000));
    cut = () => response.destroy();
    return true;
  };
  const { path } = await download(
    wanted,
    cuttingAtProgress(context, () => cut()),
  );
  t.ok(bytes.equals(await readFile(path)));
  const ranges = server.requests.map(({ range }) => range);
  t.equal(ranges.length, 3);
  t.equal(ranges[0], undefined);
  t.match(ranges[2], /^bytes=[1-9]\d*-$/);
});

t.test('a download whose file changed between two halves starts over', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  let [first, cut] = [true, () => {}];
  server.trick = (_request, response) => {
    if (!first) return false;
    first = false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(Buffer.alloc(100_000));
    cut = () => response.destroy();
    return true;
  };
  const { path } = await download(
    wanted,
    cuttingAtProgress(context, () => cut()),
  );
  t.ok(bytes.equals(await readFile(path)));
  t.equal(server.requests.length, 3);
  t.match(server.requests[1]?.range, /^bytes=/);
  t.equal(server.requests[2]?.range, undefined);
});

t.test('429 with Retry-After is waited for as asked', async (t) => {
  const { wanted, context, server, events } = await serveOne(t);
  let refusals = 1;
  server.trick = (_request, response) => {
    if (refusals-- <= 0) return false;
    response.writeHead(429, { 'retry-after': '1' }).end('slow down');
    return true;
  };
  const started = performance.now();
  await download(wanted, context);
  t.ok(performance.now() - started >= 990);
  t.ok(events.some((event) => event.type === 'image-step' && /429/.test(event.step)));
});

t.test('a server that asks for more patience than there is ends in one error', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  server.trick = (_request, response) => {
    response.writeHead(503, { 'retry-after': '3600' }).end();
    return true;
  };
  await t.rejects(download(wanted, context), {
    name: 'ImageError',
    message: /asks to wait 6\d minutes/,
    where: wanted.url,
  });
  t.equal(server.requests.length, 1);
});

t.test('a server that fails every time is given up', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  server.trick = (_request, response) => {
    response.writeHead(500).end();
    return true;
  };
  await t.rejects(download(wanted, context), {
    name: 'ImageError',
    message: /500, given up after 4 attempts/,
  });
  t.equal(server.requests.length, hasty.attempts);
});

t.test('a connection on which nothing comes is dropped and tried again', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  let silent = true;
  server.trick = (_request, response) => {
    if (!silent) return false;
    silent = false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1000));
    return true;
  };
  const patience = { ...hasty, idleSeconds: 1 };
  const { path } = await download(wanted, { ...context, patience });
  t.ok(bytes.equals(await readFile(path)));
});

t.test('redirects are followed, on loops and endless ones one error', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  const sendTo = (where: (path: string) => string | undefined) => {
    server.trick = (_request, response, path) => {
      const location = where(path);
      if (location !== undefined) response.writeHead(302, { location }).end();
      return location !== undefined;
    };
  };
  const at = (path: string) => ({ ...wanted, url: server.url + path, digests: {} });
  sendTo((path) => (path === '/moved' ? '/file.deb' : undefined));
  t.equal((await download(at('/moved'), context)).sha256, sha256);
  sendTo((path) => (path === '/a' ? '/b' : '/a'));
  await t.rejects(download(at('/a'), context), { name: 'ImageError', message: /redirect loop/ });
  sendTo((path) => `/${Number(path.slice(1)) + 1}`);
  await t.rejects(download(at('/1'), context), { name: 'ImageError', message: /more than 10 redirects/ });
  sendTo(() => 'file:///etc/passwd');
  await t.rejects(download(at('/x'), context), { name: 'ImageError', message: /away from https: .*file:/ });
});

t.test('what is not there is one error, or nothing where that is an answer', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  const absent = { ...wanted, url: `${server.url}/none`, digests: {} };
  await t.rejects(download(absent, context), { name: 'ImageError', message: /not there/, where: absent.url });
  t.equal(await downloadIfPresent(absent, context), undefined);
});

t.test('other bytes than the hash says are refused and not kept', async (t) => {
  const { wanted, context } = await serveOne(t);
  const other = { ...wanted, digests: { sha256: 'f'.repeat(64) } };
  await t.rejects(download(other, context), {
    name: 'ImageError',
    message: `file has the wrong sha256: ${sha256}, not ${'f'.repeat(64)}`,
    where: wanted.url,
  });
  t.notOk(existsSync(join(process.env.KMATRIX_CACHE ?? '', 'downloads', `sha256-${sha256}`)));
  await t.rejects(download({ ...wanted, digests: { md5: '0'.repeat(32) } }, context), {
    message: /wrong md5/,
  });
});

t.test('another length than the index says is refused before a byte is read', async (t) => {
  const { wanted, context } = await serveOne(t);
  await t.rejects(download({ ...wanted, bytes: 10 }, context), {
    name: 'ImageError',
    message: /another size on the server \(300000 bytes\) than in the index \(10\)/,
  });
});

t.test('a body longer than announced or allowed is cut off', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  server.trick = (_request, response) => {
    // no Content-Length: chunks without end
    const more = () => response.write(bytes, () => response.destroyed || setImmediate(more));
    more();
    return true;
  };
  const { bytes: _, ...unsized } = { ...wanted, digests: {} };
  await t.rejects(download(unsized, context), {
    name: 'ImageError',
    message: /larger than it may be \(1048576/,
  });
  await t.rejects(download(wanted, context), {
    name: 'ImageError',
    message: /larger than it may be \(300000/,
  });
});

t.test('a web page in place of a file is named as such', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  server.trick = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.end('\n<!DOCTYPE html><title>Please log in</title>');
    return true;
  };
  await t.rejects(download(wanted, context), {
    name: 'ImageError',
    message: /a web page came in place of file/,
    where: wanted.url,
    remedy: /portal or proxy/,
  });
});

t.test('a host that is gone is one error, and not tried again for every file', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  await server.close();
  await t.rejects(download(wanted, context), {
    name: 'ImageError',
    message: /no way to the server .*ECONNREFUSED/,
  });
  const started = performance.now();
  await t.rejects(download({ ...wanted, url: `${server.url}/other` }, context), { message: /no way/ });
  t.ok(performance.now() - started < 200);
});

t.test('abort ends a download with the reason, and what came is kept for next time', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  const stop = new AbortController();
  server.trick = (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: etagOf(bytes.length) });
    response.write(bytes.subarray(0, 100_000));
    return true;
  };
  const onEvent = (event: { type: string }) => {
    if (event.type === 'image-progress') stop.abort(new Error('enough'));
  };
  await t.rejects(download(wanted, { ...context, signal: stop.signal, onEvent }), { message: 'enough' });
  server.trick = () => false;
  await download(wanted, context);
  t.match(server.requests.at(-1)?.range, /^bytes=[1-9]/);
});

t.test('a cached file that was damaged is fetched again', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  const { path } = await download(wanted, context);
  await writeFile(path, 'damaged');
  t.ok(bytes.equals(await readFile((await download(wanted, context)).path)));
  t.equal(server.requests.length, 2);
});

t.test('http_proxy is used', async (t) => {
  const { execa } = await import('execa');
  const { wanted, server } = await serveOne(t);
  const script = `
    const { download } = await import(${JSON.stringify(new URL('../../harness/images/archive/download.js', import.meta.url).href)});
    const context = { kernel: 'row', signal: new AbortController().signal, onEvent: () => {}, offline: false,
      patience: ${JSON.stringify(hasty)} };
    const wanted = ${JSON.stringify({ ...wanted, url: 'http://archive.invalid/file.deb', digests: {} })};
    console.log((await download(wanted, context)).sha256);`;
  const { createServer } = await import('node:http');
  const { pipeline } = await import('node:stream');
  const asked: string[] = [];
  // undici opens a tunnel (CONNECT) for http too
  const proxy = createServer().on('connect', (message, socket) => {
    asked.push(message.url ?? '');
    const port = Number(new URL(server.url).port);
    import('node:net').then(({ connect }) => {
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        pipeline(socket, upstream, socket, () => undefined);
      });
    }, t.error);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], {
    env: { http_proxy: `http://127.0.0.1:${port}`, no_proxy: '' },
  });
  proxy.closeAllConnections();
  proxy.close();
  t.equal(stdout, sha256);
  t.same(asked, ['archive.invalid:80']);
});
