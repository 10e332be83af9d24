import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { FetchContext } from '../../../harness/kernels/fetch/context.js';
import { download } from '../../../harness/kernels/fetch/download.js';
import { etagOf } from './archive-server.js';
import { bytes, serveOne } from './served-file.js';

/** Cuts the connection once bytes have arrived: what is on its way when it breaks is lost anyway. */
const cuttingAtProgress = (context: FetchContext, cut: () => void): FetchContext => ({
  ...context,
  onEvent: (event) => {
    if (event.type === 'image-progress') cut();
  },
});

async function arrivesWhole(
  t: Test,
  { wanted, context }: Awaited<ReturnType<typeof serveOne>>,
  cut: () => void,
): Promise<void> {
  const { path } = await download(wanted, cuttingAtProgress(context, cut));
  t.ok(bytes.equals(await readFile(path)));
}

t.test('a download that breaks off goes on where it was, if the file is still the same', async (t) => {
  const served = await serveOne(t);
  const { server } = served;
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
  await arrivesWhole(t, served, () => cut());
  const ranges = server.requests.map(({ range }) => range);
  t.equal(ranges.length, 3);
  t.equal(ranges[0], undefined);
  t.match(ranges[2], /^bytes=[1-9]\d*-$/);
});

t.test('a download whose file changed between two halves starts over', async (t) => {
  const served = await serveOne(t);
  const { server } = served;
  let [first, cut] = [true, () => {}];
  server.trick = (_request, response) => {
    if (!first) return false;
    first = false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(Buffer.alloc(100_000));
    cut = () => response.destroy();
    return true;
  };
  await arrivesWhole(t, served, () => cut());
  t.equal(server.requests.length, 3);
  t.match(server.requests[1]?.range, /^bytes=/);
  t.equal(server.requests[2]?.range, undefined);
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
