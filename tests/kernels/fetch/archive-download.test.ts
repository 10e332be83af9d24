import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { download, downloadIfPresent } from '../../../harness/kernels/fetch/download.js';
import { hasty } from './archive-context.js';
import { bytes, serveOne, sha256 } from './served-file.js';

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

t.test('a cached file that was damaged is fetched again', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  const { path } = await download(wanted, context);
  await writeFile(path, 'damaged');
  t.ok(bytes.equals(await readFile((await download(wanted, context)).path)));
  t.equal(server.requests.length, 2);
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

t.test('http_proxy is used', async (t) => {
  const { execa } = await import('execa');
  const { wanted, server } = await serveOne(t);
  const script = `
    const { download } = await import(${JSON.stringify(new URL('../../../harness/kernels/fetch/download.js', import.meta.url).href)});
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
