import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { UsageError } from '../../harness/errors.js';
import { projectRoot } from '../../harness/host/project.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { smallMatrix } from './small-matrix.js';

const folder = await mkdtemp(join(tmpdir(), 'kmatrix-load-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const file = join(folder, 'matrix.yml');

/** The error that a matrix of this text gives, as `line:column what; remedy`, one per line where there are several. */
async function errorOf(text: string | Uint8Array): Promise<UsageError> {
  await writeFile(file, text);
  try {
    await loadMatrix(file);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('the matrix was accepted');
}

const where = (error: UsageError): string => (error.where ?? '').replace(`${file}:`, '');

t.test('the matrix that kmatrix comes with is accepted', async (t) => {
  const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
  t.ok(matrix.kernels.length > 40);
  t.same(matrix.kernels.find(({ id }) => id === 'debian-6.1-cloud')?.source, {
    kind: 'apt',
    distribution: 'debian',
    suite: 'bookworm',
    package: 'linux-image-6.1.*-cloud-amd64',
  });
  t.ok(matrix.controls.some(({ role }) => role === 'known-bad'));
  t.ok(matrix.controls.some(({ role }) => role === 'known-good'));
});

t.test('a small matrix is accepted, and defaults are filled in', async (t) => {
  await writeFile(file, smallMatrix);
  const { workloads, profiles } = await loadMatrix(file);
  t.same(workloads[0], {
    id: 'lifecycle',
    program: 'lifecycle',
    arguments: {},
    iterations: 5,
    modules: [],
    timeoutSeconds: 7,
    machine: { cpus: 2, memoryMiB: 96 },
  });
  t.equal(profiles[0]?.attempts, 3);
});

t.test('the hash follows the content, not its writing', async (t) => {
  await writeFile(file, smallMatrix);
  const { hash } = await loadMatrix(file);
  await writeFile(
    file,
    `# a comment\n${smallMatrix.replace("line: '3.2', flavour: vanilla", "flavour: vanilla, line: '3.2'")}`,
  );
  t.equal((await loadMatrix(file)).hash, hash);
  await writeFile(file, smallMatrix.replace('iterations: 5', 'iterations: 6'));
  t.not((await loadMatrix(file)).hash, hash);
});

const mistakes: readonly (readonly [string, string, string, string, string])[] = [
  // name, what to replace, by what, where, words of the error
  [
    'an unknown key suggests the nearest',
    'iterations: 5',
    'iteration: 5',
    '15:35',
    "did you mean 'iterations'?",
  ],
  ['an unknown section suggests the nearest', 'workloads:', 'workload:', '14:1', "did you mean 'workloads'?"],
  ['an unknown key deep inside', 'suite: bookworm', 'suit: bookworm', '11:33', "did you mean 'suite'?"],
  ['a wrong type', 'iterations: 5', 'iterations: five', '15:47', 'write a number'],
  ['a negative number', 'iterations: 5', 'iterations: -5', '15:47', 'at least 1'],
  ['a fraction', 'iterations: 5', 'iterations: 1.5', '15:47', 'write a whole number'],
  ['an unknown outcome', '[stable]', '[happy]', '28:92', 'oops'],
  ['an id with a slash', 'debian-6.1:', 'debian/6.1:', '7:3', 'lower-case'],
  [
    'a control of a kernel that is not there',
    'kernels: [debian-6.1]',
    'kernels: [debian-6.2]',
    '24:15',
    "did you mean 'debian-6.1'?",
  ],
  [
    'a pattern that matches nothing',
    'kernel: debian-*',
    'kernel: debina-*',
    '33:13',
    "did you mean 'debian-6.1'?",
  ],
  [
    'a pattern of the wrong case',
    'workload: lifecycle',
    'workload: Lifecycle',
    '',
    "did you mean 'lifecycle'?",
  ],
  [
    'two sources',
    'tree: {supplied: true}',
    'tree: {supplied: true}, imported: x',
    '12:16',
    'exactly one source',
  ],
  ['no source', ', tree: {supplied: true}', '', '12:16', 'exactly one source'],
  ['an empty tree', 'tree: {supplied: true}', 'tree: {}', '', 'exactly one of tarball'],
  ['a duplicate id', '  vanilla-3.2:', '  debian-6.1: {}\n  vanilla-3.2:', '12:3', 'remove or rename'],
  ['broken YAML', 'profiles:', 'profiles: [', '', 'fix the YAML'],
  [
    'a range that is none',
    '{kernel: vanilla-*, workload',
    '{lines: before 3.8, workload',
    '30:13',
    "kernel lines are given as '<3.8'",
  ],
  ['an unknown version', 'version: 1', 'version: 2', '1:10', 'use 1'],
];
for (const [name, from, to, place, words] of mistakes) {
  t.test(`${name} is one error with its place and a remedy`, async (t) => {
    t.ok(smallMatrix.includes(from), 'the mistake can be made');
    const error = await errorOf(smallMatrix.replace(from, to));
    t.match(where(error), /^\d+:\d+$/);
    if (place !== '') t.equal(where(error), place);
    t.ok(`${error.message}\n${error.remedy}`.includes(words), `${error.message}; ${error.remedy}`);
  });
}

t.test('several mistakes are one error that lists them in the order of the file', async (t) => {
  const text = smallMatrix
    .replace('iterations: 5', 'iterations: -5')
    .replace('verified: true', 'verified: maybe')
    .replace('because: SysRq', 'becuase: SysRq');
  const { message } = await errorOf(text);
  const lines = [...message.matchAll(/matrix\.yml:(\d+):\d+/g)].map((match) => Number(match[1]));
  t.ok(lines.length >= 3, message);
  t.same(
    lines,
    lines.toSorted((a, b) => a - b),
  );
  t.match(message, /did you mean 'because'/);
});

t.test('aliases that would grow without end are refused', async (t) => {
  const levels = Array.from({ length: 30 }, (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`).join(
    '\n',
  );
  const started = performance.now();
  const error = await errorOf(`l0: &l0 [x]\n${levels}\n`);
  t.ok(performance.now() - started < 2000);
  t.match(error.message, /alias/i);
});

t.test('a file that is not UTF-8 is refused at its first bad byte', async (t) => {
  const text = Buffer.from(smallMatrix);
  const at = smallMatrix.indexOf('bookworm');
  text[at] = 0xff;
  const before = smallMatrix.slice(0, at).split('\n');
  const error = await errorOf(text);
  t.match(error.message, /UTF-8/);
  t.equal(where(error), `${before.length}:${(before.at(-1) ?? '').length + 1}`);
});

t.test('a missing file, a folder and an empty file are usage errors', async (t) => {
  await t.rejects(loadMatrix(join(folder, 'none.yml')), UsageError);
  await t.rejects(loadMatrix(folder), UsageError);
  await errorOf('');
  await errorOf('- a list');
  await errorOf('\0\0\0');
});

t.test('no cut of the file is anything but accepted or one usage error', async (t) => {
  const text = await readFile(join(projectRoot, 'matrix.yml'), 'utf8');
  let refused = 0;
  for (let length = 0; length < text.length; length += 211) {
    await writeFile(file, text.slice(0, length));
    // a cut at a line's end, late in the file, leaves a whole matrix
    await loadMatrix(file).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      refused++;
    });
  }
  t.ok(refused > 50, `${refused} refused`);
});
