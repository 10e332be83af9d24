import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { buildStartFiles, openStartFiles } from '../../harness/disks/start-files.js';
import { UsageError } from '../../harness/errors.js';

function sourceIn(t: Test): string {
  const folder = t.testdir({ cache: {}, source: 'some bytes' });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  return join(folder, 'source');
}

t.test('the disk says what it holds, and has it in whole blocks', async (t) => {
  const source = sourceIn(t);
  const files = await buildStartFiles([
    { path: 'bin/run', source, isExecutable: true },
    { path: 'a name', source, isExecutable: false },
  ]);
  const disk = await readFile(files.path);
  const [title, ...lines] = disk.subarray(0, 65_536).toString().replace(/\0+$/, '').trim().split('\n');
  t.equal(title, `kmatrix-files ${files.id} 65536`);
  t.same(lines, ['755 65536 10 bin/run', '644 69632 10 a name']);
  t.equal(disk.length, 73_728);
  t.equal(disk.subarray(69_632, 69_642).toString(), 'some bytes');
  t.same(await openStartFiles(files.id), files);
});

t.test('they are named by what they are: paths, modes and bytes', async (t) => {
  const source = sourceIn(t);
  const idOf = async (path: string, isExecutable = false) =>
    (await buildStartFiles([{ path, source, isExecutable }])).id;
  const first = await idOf('a');
  t.equal(await idOf('a'), first);
  t.not(await idOf('b'), first);
  t.not(await idOf('a', true), first);
  await writeFile(source, 'other bytes');
  t.not(await idOf('a'), first);
  t.equal(await openStartFiles('0'.repeat(64)), undefined);
});

t.test('what no machine could have is refused', async (t) => {
  const source = sourceIn(t);
  const one = (path: string) => buildStartFiles([{ path, source, isExecutable: false }]);
  for (const path of [
    '',
    '/etc/passwd',
    '../up',
    'a//b',
    'a/./b',
    'line\nfeed',
    'naïve',
    ' front',
    'x'.repeat(201),
  ])
    await t.rejects(one(path), UsageError, JSON.stringify(path.slice(0, 20)));
  const many = Array.from({ length: 700 }, (_, at) => ({
    ...{ path: `${'long'.repeat(20)}-${at}`, source, isExecutable: false },
  }));
  await t.rejects(buildStartFiles(many), { message: /the list of 700 files/ });
  const all = (...paths: string[]) =>
    buildStartFiles(paths.map((path) => ({ path, source, isExecutable: false })));
  await t.rejects(all('a', 'a'), { message: /files\/a$/, remedy: 'name each file once' });
  await t.rejects(all('a/b', 'a'), { message: /files\/a\/b/, remedy: '/files/a is a file' });
  for (const wrong of [`${source}-gone`, join(source, '..')])
    await t.rejects(buildStartFiles([{ path: 'a', source: wrong, isExecutable: false }]), {
      message: /there is no file for/,
      where: wrong,
    });
});
