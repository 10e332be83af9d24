import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { publishEntry, removeEntry } from '../../harness/cache/store.js';
import type { AxisRow } from '../../harness/matrix/axes.js';
import type { UserlandRecord } from '../../harness/results/session.js';
import { UserlandShelf, type UserlandShelfOptions } from '../../harness/run/userland-shelf.js';

/** A cache with one userland, without any bytes to speak of. */
async function cacheWith(t: Test, name: string) {
  process.env.KMATRIX_CACHE = t.testdir();
  const facts = {
    name,
    contents: [`${name} 1 amd64`],
    list: `list of ${name}`,
    provenance: `1 package of ${name}`,
    seconds: 1,
  };
  return await withStaging(async (staged) => {
    await writeFile(join(staged, 'disk'), name);
    return publishEntry('disks', staged, facts);
  });
}

const row = (id: string, suite?: string): AxisRow => ({
  ...{ id, usual: false, modules: [], arguments: {}, kernelArguments: [] },
  ...(suite !== undefined && { userland: { apt: { distribution: 'debian', suite } } }),
});

function shelfWith(over: Partial<UserlandShelfOptions> = {}) {
  const recorded: UserlandRecord[] = [];
  const events: string[] = [];
  const shelf = new UserlandShelf({
    signal: new AbortController().signal,
    offline: true,
    refresh: false,
    emit: (event) => void events.push(event.type),
    onUserland: async (userland) => void recorded.push(userland),
    ...over,
  });
  return { shelf, recorded, events };
}

const axes = { storage: row('plain'), userland: row('bookworm', 'bookworm') };

t.test('a run that goes on has the very userland that it began with, and records it again', async (t) => {
  const { id } = await cacheWith(t, 'old bookworm');
  const begunWith = { userlands: new Map([['bookworm', { disk: id, list: 'list of old bookworm' }]]) };
  const { shelf, recorded } = shelfWith({ begunWith });
  t.same(await shelf.disks({ axes }), [id]);
  t.same(await shelf.disks({ axes }), [id]);
  t.match(recorded, [{ row: 'bookworm', disk: id, provenance: '1 package of old bookworm' }]);
  t.equal(recorded.length, 1, 'once per row');
  await removeEntry('disks', id);
  await t.rejects(shelfWith({ begunWith }).shelf.disks({ axes }), {
    name: 'HostError',
    message: /bookworm is no longer in the cache/,
    where: id,
  });
});

t.test('a userland that can’t be had is a value with its reason; cells without one need none', async (t) => {
  await cacheWith(t, 'another');
  const { shelf, events, recorded } = shelfWith();
  t.match(await shelf.disks({ axes }), {
    unavailable: /^no userland bookworm: .*offline run; run once with network$/,
  });
  await shelf.disks({ axes });
  t.same(events, ['image-unavailable'], 'said once');
  t.same(await shelf.disks({ axes: { storage: row('plain'), userland: row('none') } }), []);
  t.same(recorded, []);
});
