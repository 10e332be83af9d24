import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { HostError, UsageError } from '../../harness/errors.js';
import { attemptId } from '../../harness/results/attempt-id.js';
import { findRun } from '../../harness/results/find-run.js';
import { readConsole } from '../../harness/results/read-console.js';
import { readAttempts, readManifest } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from './stored-run.js';

const root = await runsFolder();
const cells = [aCell('vanilla-3.2', 'lifecycle', { attempts: 3 })];
const cell = cells[0]?.id ?? '';

t.test('what was appended is read back, with its console to the byte', async (t) => {
  const bytes = Buffer.from([0, 0xff, 0x1b, 10, 65]);
  const result = anAttempt(cell, 0, 'oops', { reports: [aReport()], decisive: 0, secondsToReport: 3.3 });
  await using store = await RunStore.create(root, aRun(cells));
  await store.append(result, bytes);
  t.same([...(await store.finished())], [attemptId(result.key)]);
  for await (const attempt of readAttempts(store.folder))
    t.same(attempt, {
      ...result,
      session: '1',
      series: '',
      console: 'consoles/vanilla-3.2__lifecycle--0.log',
    });
  t.same(await readConsole(store.folder, 'consoles/vanilla-3.2__lifecycle--0.log'), bytes);
});

t.test('a large console is kept compressed and read back whole', async (t) => {
  await using store = await RunStore.create(root, aRun(cells));
  const text = 'a line of a console\n'.repeat(50_000);
  await store.append(anAttempt(cell, 0, 'stable'), text);
  const [name = ''] = await readdir(join(store.folder, 'consoles'));
  t.match(name, /\.log\.gz$/);
  t.equal((await readConsole(store.folder, `consoles/${name}`)).toString(), text);
});

t.test('appends at the same time come out as whole lines', async (t) => {
  await using store = await RunStore.create(root, aRun(cells));
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => store.append(anAttempt(cell, index, 'stable'), 'x')),
  );
  t.equal((await store.finished()).size, 50);
});

t.test('a run cut at any byte of its last line opens, keeps what was whole, and goes on', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(cell, 0, 'stable'), 'first');
  const whole = (await readFile(join(store.folder, 'attempts.jsonl'))).length;
  await store.append(anAttempt(cell, 1, 'oops', { reason: 'torn ü in the middle' }), 'second');
  await store.close();
  const { length } = await readFile(join(store.folder, 'attempts.jsonl'));
  const copy = join(root, 'cut');
  await cp(store.folder, copy, { recursive: true });
  const full = await readFile(join(store.folder, 'attempts.jsonl'));
  const wrong: number[] = [];
  // flock(1) takes a while; the store's own opening is tried at some, the reading at every byte
  for (let size = whole; size < length; size++) {
    await writeFile(join(copy, 'attempts.jsonl'), full.subarray(0, size));
    let damaged = 0;
    let attempts = 0;
    for await (const _ of readAttempts(copy, () => damaged++)) attempts++;
    if (attempts !== 1 || damaged !== (size === whole ? 0 : 1)) wrong.push(size);
    if (size % 40 !== 0 && size !== length - 1) continue;
    const opened = await RunStore.open(copy);
    if ((await opened.finished()).size !== 1) wrong.push(size);
    await opened.beginSession(aRun(cells));
    await opened.append(anAttempt(cell, 1, 'stable'), '');
    if ((await opened.finished()).size !== 2) wrong.push(size);
    await opened.close();
  }
  t.same(wrong, []);
  const aside = await readFile(join(copy, 'attempts.jsonl.torn'), 'utf8');
  t.match(aside, /"index":1/, 'what was cut off is kept aside');
});

t.test('a damaged line in the middle loses itself only', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  for (const index of [0, 1, 2]) await store.append(anAttempt(cell, index, 'stable'), '');
  await store.close();
  const file = join(store.folder, 'attempts.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n');
  lines[1] = '\0'.repeat(40);
  await writeFile(file, lines.join('\n'));
  const damaged: number[] = [];
  const indexes: number[] = [];
  for await (const { key } of readAttempts(store.folder, ({ line }) => damaged.push(line)))
    indexes.push(key.index);
  t.same(indexes, [0, 2]);
  t.same(damaged, [2]);
});

t.test('unknown fields are no hindrance; a console path that leads out of the run is damage', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(cell, 0, 'stable'), '');
  await store.close();
  const file = join(store.folder, 'attempts.jsonl');
  const line: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'));
  const lines = [
    { ...line, new: 1 },
    { ...line, console: '../../etc/passwd' },
    { ...line, console: '/etc/passwd' },
  ];
  await writeFile(file, lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
  let read = 0;
  let damaged = 0;
  for await (const _ of readAttempts(store.folder, () => damaged++)) read++;
  t.same({ read, damaged }, { read: 1, damaged: 2 });
});

t.test('another version is refused', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.close();
  const file = join(store.folder, 'run.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"version": 1', '"version": 99'));
  await t.rejects(readManifest(store.folder), /store version 99/);
  await truncate(file, 10);
  await t.rejects(readManifest(store.folder), UsageError);
});

t.test('two runs cannot write one folder; the lock of a killed run is gone', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await t.rejects(RunStore.open(store.folder), /another kmatrix is writing/);
  await store.close();
  const code = `import { RunStore } from ${JSON.stringify(new URL('../../harness/results/run-store.js', import.meta.url))};
    await RunStore.open(${JSON.stringify(store.folder)}); console.log('open');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
  });
  await once(child.stdout, 'data');
  await t.rejects(RunStore.open(store.folder), /another kmatrix is writing/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  // the holder ends on the end of its pipe, which the kernel closes with the killed process
  for (let opened = false; !opened; ) {
    opened = await RunStore.open(store.folder).then(
      (one) => one.close().then(() => true),
      () => false,
    );
  }
  t.pass('opened again');
});

t.test('a full disk is a HostError, and what was finished stays', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(cell, 0, 'stable'), '');
  // a folder in the place of the console refuses the write as a full disk does: in the middle of an append
  await mkdir(join(store.folder, 'consoles', 'vanilla-3.2__lifecycle--1.log', 'x'), {
    recursive: true,
  });
  await t.rejects(store.append(anAttempt(cell, 1, 'stable'), 'text'), HostError);
  await store.append(anAttempt(cell, 2, 'stable'), 'text');
  t.same([...(await store.finished())], [`${cell}#0`, `${cell}#2`]);
  await store.close();
  await t.rejects(RunStore.create('/dev/null/runs', aRun(cells)), HostError);
});

t.test('a run is found by id, folder and latest; a mistyped id suggests the nearest', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.close();
  const { id } = store.manifest;
  t.equal(await findRun(root, id), store.folder);
  t.equal(await findRun('/nowhere', store.folder), store.folder);
  t.match(await findRun(root, 'latest'), /\d{8}T\d{6}Z-/);
  await t.rejects(findRun(root, `${id}x`), UsageError);
  await t.rejects(findRun('/nowhere', 'latest'), /no run yet/);
});
