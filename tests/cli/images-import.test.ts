import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { obtainKernel } from '../../harness/kernels/sources/obtain-kernel.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findRow } from '../../harness/matrix/select-rows.js';
import { fakeBzImage } from '../kernels/fetch/archive-fixture.js';
import { kmatrix } from './kmatrix.js';

t.beforeEach(async (t) => {
  const folder = t.testdir({ cache: {}, text: 'not a kernel' });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await writeFile(join(folder, 'bzImage'), fakeBzImage('3.2.71-mine'));
  t.context.folder = folder;
});

/** matrix.yml with more rows at the end of its kernels. */
async function matrixWith(folder: string, rows: string): Promise<string> {
  const text = await readFile(join(projectRoot, 'matrix.yml'), 'utf8');
  const file = join(folder, 'matrix.yml');
  await writeFile(file, text.replace(/^workloads:$/m, `${rows}\nworkloads:`));
  return file;
}

t.test('what is imported says how to run it: the row it prints is one that runs it', async (t) => {
  const { folder } = t.context;
  for (const name of ['mine', '3.2', '3e7']) {
    const { exitCode, stdout, stderr } = await kmatrix(['images', 'import', name, join(folder, 'bzImage')]);
    t.equal(exitCode, 0, stderr);
    t.match(stdout, new RegExp(`^${name} 3\\.2\\.71-mine [0-9a-f]{12}$`));
    t.match(stderr, `kmatrix shell ${name}\n`);
    t.match(stderr, `kmatrix run --kernel ${name}\n`);
    // without the row it is no kernel of the matrix, and run says what is missing
    const rowless = await kmatrix(['run', '--kernel', name]);
    t.equal(rowless.exitCode, 2);
    t.match(rowless.stderr, `${name}: {line: '3.2', imported: ${name}}`);
    const [, row = ''] = stderr.split('\n\n');
    const matrix = await loadMatrix(await matrixWith(folder, row));
    const kernel = await obtainKernel(findRow(matrix, name), {
      onEvent: () => undefined,
      offline: true,
      signal: new AbortController().signal,
    });
    t.equal(kernel.release, '3.2.71-mine', `the row ${name}`);
  }
});

t.test('a name that a row has already: that row where it takes it, else a row of another id', async (t) => {
  const { folder } = t.context;
  const tree = await kmatrix(['images', 'import', 'vanilla-3.2', join(folder, 'bzImage')]);
  t.equal(tree.stderr, 'next: kmatrix run --kernel vanilla-3.2');
  const apt = await kmatrix(['images', 'import', 'debian-6.1-cloud', join(folder, 'bzImage')]);
  t.match(apt.stderr, /run --kernel debian-6\.1-cloud-imported\n/);
  t.notMatch(apt.stderr, 'kmatrix shell', 'that would boot the row');
  const matrix = await matrixWith(
    folder,
    `  own:\n    line: '3.2'\n    flavour: own\n    verified: false\n    imported: mine`,
  );
  const row = await kmatrix(['images', 'import', 'mine', join(folder, 'bzImage'), '--matrix', matrix]);
  t.equal(row.stderr, 'next: kmatrix run --kernel own');
});

t.test('a kernel of another line can’t stand for a row: exit 2, both named, nothing imported', async (t) => {
  const { folder } = t.context;
  const own = "  own:\n    line: '3.2'\n    flavour: own\n    verified: false\n    imported: mine";
  const matrix = await matrixWith(folder, own);
  await writeFile(join(folder, 'new'), fakeBzImage('6.12.1-mine'));
  await writeFile(join(folder, 'twenty'), fakeBzImage('3.20.0'));
  for (const [name, file, release] of [
    ['vanilla-3.2', 'new', '6.12.1-mine'],
    ['vanilla-3.2-aufs', 'twenty', '3.20.0'],
    ['mine', 'new', '6.12.1-mine'],
  ] as const) {
    const words = ['images', 'import', name, join(folder, file), '--matrix', matrix];
    const { exitCode, stdout, stderr } = await kmatrix(words);
    t.equal(exitCode, 2, stderr);
    t.equal(stdout, '');
    t.match(
      stderr,
      `the kernel is ${release}, and ${name === 'mine' ? 'own' : name} is a row of the line 3.2\n`,
    );
    t.match(stderr, `import it under another name than ${name}`);
  }
  t.match((await kmatrix(['images', 'list'])).stdout, 'no kernel in the cache');
  await writeFile(join(folder, 'debian'), fakeBzImage('3.2.0-4-amd64'));
  const { exitCode } = await kmatrix(['images', 'import', 'vanilla-3.2', join(folder, 'debian')]);
  t.equal(exitCode, 0, 'one of the line may');
});

t.test('an import says what it replaced, where that was another kernel', async (t) => {
  const { folder } = t.context;
  const bring = (...more: string[]) =>
    kmatrix(['images', 'import', 'mine', join(folder, 'bzImage'), ...more]);
  const first = await bring();
  const again = await bring();
  t.equal(again.stderr, first.stderr, 'the same once more replaces nothing');
  const [, , id = ''] = first.stdout.split(' ');
  await writeFile(join(folder, 'bzImage'), fakeBzImage('3.2.72-mine'));
  const other = await bring();
  t.match(other.stderr, `it replaces the 3.2.71-mine ${id} that was mine before\n`);
  await writeFile(join(folder, 'bzImage'), fakeBzImage('3.2.73-mine'));
  const json = await bring('--json');
  t.match(JSON.parse(json.stdout), { release: '3.2.73-mine', replaced: { release: '3.2.72-mine' } });
  t.equal(json.stderr, '');
});

t.test('--json is one document and nothing else', async (t) => {
  const { folder } = t.context;
  const { stdout, stderr } = await kmatrix(['images', 'import', 'mine', join(folder, 'bzImage'), '--json']);
  t.match(JSON.parse(stdout), { name: 'mine', release: '3.2.71-mine', id: /^[0-9a-f]{64}$/ });
  t.equal(stderr, '');
});

t.test('shell takes an imported name, and tells the nearest of a mistyped one', async (t) => {
  const { folder } = t.context;
  await kmatrix(['images', 'import', 'my-own', join(folder, 'bzImage')]);
  // it gets as far as looking for QEMU: the name was accepted
  const env = { KMATRIX_QEMU: '/nowhere/qemu' };
  const known = await kmatrix(['shell', 'my-own', '--', 'true'], { env });
  t.equal(known.exitCode, 3, known.stderr);
  t.match(known.stderr, '/nowhere/qemu');
  const unknown = await kmatrix(['shell', 'my-onw', '--', 'true'], { env });
  t.equal(unknown.exitCode, 2);
  t.match(unknown.stderr, /did you mean 'my-own'/);
  const row = await kmatrix(['shell', 'debian-6.1-clod', '--', 'true'], { env });
  t.equal(row.exitCode, 2);
  t.match(row.stderr, /did you mean 'debian-6\.1-cloud'\?/);
});

t.test('a file that isn’t there or is no kernel is a wrong word: exit 2 with its path', async (t) => {
  const { folder } = t.context;
  const bzImage = join(folder, 'bzImage');
  const at = (name: string) => join(folder, name);
  const cases = [
    { words: [at('absent')], where: at('absent') },
    { words: [at('text')], where: at('text') },
    { words: [folder], where: folder },
    { words: [bzImage, '--config', at('absent')], where: at('absent') },
    { words: [bzImage, '--system-map', at('absent')], where: at('absent') },
    { words: [bzImage, '--modules', at('absent')], where: at('absent') },
  ];
  for (const { words, where } of cases) {
    const { exitCode, stderr, stdout } = await kmatrix(['images', 'import', 'mine', ...words]);
    t.equal(exitCode, 2, words.join(' '));
    t.match(`${stderr}\n`, `  at ${where}\n`);
    t.equal(stdout, '');
  }
});
