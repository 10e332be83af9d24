import { readFile } from 'node:fs/promises';
import t from 'tap';
import { download } from '../../../harness/kernels/fetch/download.js';
import { hasty } from './archive-context.js';
import { bytes, serveOne } from './served-file.js';

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

t.test('a host that is gone is one error, and not tried again for every file', async (t) => {
  const { wanted, context, server } = await serveOne(t);
  await server.close();
  await t.rejects(download(wanted, context), {
    name: 'UnreachableError',
    message: /the server can't be reached .*ECONNREFUSED/,
  });
  const started = performance.now();
  await t.rejects(download({ ...wanted, url: `${server.url}/other` }, context), {
    message: /can't be reached/,
  });
  t.ok(performance.now() - started < 200);
});
