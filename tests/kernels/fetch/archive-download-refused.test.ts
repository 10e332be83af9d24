import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { download } from '../../../harness/kernels/fetch/download.js';
import { bytes, serveOne, sha256 } from './served-file.js';

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
