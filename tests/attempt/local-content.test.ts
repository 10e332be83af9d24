import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { LocalContent } from '../../harness/attempt/local-content.js';
import { HostError } from '../../harness/errors.js';
import { aCell } from '../results/made-up-run.js';

t.test('what this host’s cache lacks is named by its id', async (t) => {
  process.env.KMATRIX_CACHE = join(t.testdir({ cache: {} }), 'cache');
  const cell = aCell('vanilla-3.2', 'lifecycle');
  const image = { id: 'a'.repeat(64), kernel: { id: 'b'.repeat(64), release: '3.2.71' } };
  const attempt = { key: { cell: cell.id, index: 0, seed: 1 }, cell, image };
  const content = new LocalContent();
  await t.rejects(content.open(attempt), { where: image.id, message: /the image of 3\.2\.71 is not in/ });
  await t.rejects(content.open(attempt), HostError);
  t.equal(content.opened(attempt), undefined);
});
