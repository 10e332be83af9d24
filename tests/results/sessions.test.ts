import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { UsageError } from '../../harness/errors.js';
import { attemptId } from '../../harness/results/attempt-id.js';
import { distinctAttempts } from '../../harness/results/distinct-attempts.js';
import { earlierSeconds } from '../../harness/results/earlier-seconds.js';
import { readConsole } from '../../harness/results/read-console.js';
import { readAllAttempts, readAttempts, readManifest } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { readSessions } from '../../harness/results/session.js';
import { aCell, anAttempt, aRun, runsFolder } from './stored-run.js';

const root = await runsFolder();
const cells = [aCell('vanilla-3.2', 'lifecycle', { attempts: 3 })];
const cell = cells[0]?.id ?? '';

const sessionsOf = async (folder: string) => readSessions(folder, await readManifest(folder));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

t.test('a run records what it ran on, a resumed one again, and each attempt names its session', async (t) => {
  const made = aRun(cells);
  const store = await RunStore.create(root, { ...made, guest: 'g1', jobs: { usual: 2, most: 8 } });
  await store.append(anAttempt(cell, 0, 'stable'), '');
  await store.close();
  const resumed = await RunStore.open(store.folder);
  await resumed.beginSession({ ...made, qemu: { binary: '/opt/q', version: '9.1.0' } });
  await resumed.append(anAttempt(cell, 1, 'stable'), 'text');
  await resumed.close();
  const sessions = await sessionsOf(store.folder);
  t.match(sessions, [
    {
      id: '1',
      kmatrix: '0.1.0',
      qemu: { binary: 'qemu-system-x86_64', version: '7.2.22' },
      accelerator: { name: 'tcg', reason: 'no /dev/kvm' },
      jobs: { usual: 2, most: 8 },
      guest: 'g1',
      host: { id: /^[0-9a-f]{12}$/, os: String },
      startedAt: /^\d{4}-/,
      endedAt: /^\d{4}-/,
      discarded: null,
    },
    { id: '2', qemu: { binary: 'q', version: '9.1.0' }, endedAt: /^\d{4}-/ },
  ]);
  const attempts = await all(readAttempts(store.folder));
  t.same(
    attempts.map(({ session, imageId }) => [session, imageId]),
    [
      ['1', 'i'],
      ['2', 'i'],
    ],
  );
});

t.test('what a discarded session ran is kept, counts nowhere, and is run again beside it', async (t) => {
  const made = aRun(cells);
  const own = await runsFolder();
  const store = await RunStore.create(own, { ...made, accelerator: { name: 'kvm', reason: 'it ran' } });
  await store.append(anAttempt(cell, 0, 'freeze', { seconds: 900 }), 'as KVM left it');
  t.equal((await store.finished()).size, 1);
  const kvm = store.session.id;
  await store.beginSession(made);
  await store.discardSession(kvm, 'KVM never got the control ready');
  t.same([...(await store.finished())], [], 'it is to run again');
  // one that was under way is told apart from those of the session that goes on
  await store.append(anAttempt(cell, 1, 'freeze', { seconds: 900 }), 'late', kvm);
  await store.append(anAttempt(cell, 0, 'stable'), 'as TCG left it');
  t.same([...(await store.finished())], [attemptId({ cell, index: 0 })]);
  await store.close();
  const { folder } = store;
  let damaged = 0;
  const counted = await all(distinctAttempts(folder, () => damaged++));
  t.match(counted, [{ outcome: 'stable', session: '2' }]);
  t.equal(counted.length, 1);
  t.equal(damaged, 0, 'the same attempt in a discarded session is no damage');
  t.equal((await earlierSeconds(own)).get(cell), 5, 'nor does it say how long a cell takes');
  const kept = await all(readAllAttempts(folder));
  t.match(kept, [{ outcome: 'freeze' }, { outcome: 'freeze' }, { outcome: 'stable' }]);
  t.same(
    await Promise.all(kept.map(async ({ console }) => (await readConsole(folder, console)).toString())),
    ['as KVM left it', 'late', 'as TCG left it'],
  );
  t.match(await sessionsOf(folder), [
    { id: '1', discarded: 'KVM never got the control ready' },
    { id: '2', discarded: null },
  ]);
});

t.test(
  'a run from before sessions is one of which not everything is known, and goes on in another',
  async (t) => {
    const store = await RunStore.create(root, aRun(cells));
    await store.append(anAttempt(cell, 0, 'stable'), '');
    await store.close();
    const { folder } = store;
    await rm(join(folder, 'sessions.jsonl'));
    const manifest = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'));
    delete manifest.host.id;
    delete manifest.host.os;
    await writeFile(join(folder, 'run.json'), JSON.stringify(manifest));
    const lines = (await readFile(join(folder, 'attempts.jsonl'), 'utf8')).replace('"session":"1",', '');
    await writeFile(join(folder, 'attempts.jsonl'), lines);
    const [only, ...others] = await sessionsOf(folder);
    t.same(others, []);
    t.match(only, { id: '1', kmatrix: '0.1.0', endedAt: null, discarded: null });
    t.notOk(only && ('jobs' in only || 'guest' in only || 'id' in only.host || 'os' in only.host));
    t.match(await all(readAttempts(folder)), [{ session: '1' }]);
    const resumed = await RunStore.open(folder);
    t.equal((await resumed.beginSession(aRun(cells))).id, '2');
    await resumed.close();
    t.same(
      (await sessionsOf(folder)).map(({ id }) => id),
      ['1', '2'],
    );
  },
);

t.test('a session that was cut short counts for nothing, one that is damaged ends the reading', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(cell, 0, 'stable'), '');
  await store.close();
  const { folder } = store;
  const file = join(folder, 'sessions.jsonl');
  const whole = await readFile(file);
  const line = '{"type":"discarded","id":"1","at":"2026","reason":"torn ü"}';
  for (let size = 1; size < line.length; size += 7) {
    await writeFile(file, Buffer.concat([whole, Buffer.from(line).subarray(0, size)]));
    t.equal((await all(readAttempts(folder))).length, 1, `${size} bytes of it`);
  }
  await (await RunStore.open(folder)).close();
  t.same(await readFile(file), whole, 'it is cut off before anything is appended');
  await appendFile(file, `${line}\n`);
  t.equal((await all(readAttempts(folder))).length, 0, 'control: with its newline it counts');
  await appendFile(file, 'not json\n');
  await t.rejects(all(readAttempts(folder)), UsageError);
});

t.test('an attempt of a session that nobody told of counts nowhere', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(cell, 0, 'stable'), '');
  await store.beginSession(aRun(cells));
  await store.append(anAttempt(cell, 1, 'stable'), '');
  await store.close();
  await rm(join(store.folder, 'sessions.jsonl'));
  const damaged: number[] = [];
  const counted = await all(readAttempts(store.folder, ({ line }) => damaged.push(line)));
  t.match(counted, [{ session: '1' }]);
  t.equal(counted.length, 1);
  t.same(damaged, [2]);
});

t.test('nothing is appended outside of a session', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.close();
  const resumed = await RunStore.open(store.folder);
  t.throws(() => resumed.append(anAttempt(cell, 0, 'stable'), ''), /no session/);
  await resumed.close();
});
