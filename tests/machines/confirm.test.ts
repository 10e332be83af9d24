import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { kmatrix } from '../cli/kmatrix.js';
import { oneKernelMatrix } from './one-kernel-matrix.js';

/**
 * Container lifecycles on one Debian kernel, on its root and on overlayfs. Where the image lacks that module, those on overlayfs
 * can't be: two runs whose matrices differ in this have two images.
 */
const matrix = (modules: string): string => `${oneKernelMatrix}workloads:
  lifecycle: {program: lifecycle, iterations: 1, modules: [veth]}
  calm: {program: burn, iterations: 1}
  lie: {program: control-lie, iterations: 10}
storage: {plain: {}, overlay: {modules: [${modules}], arguments: {storage: overlay}}}
boot: {default: []}
controls:
  quiet: {role: known-good, kernels: [debian-6.1-cloud], workload: calm, outcomes: [stable], because: nothing is wrong}
  lie: {role: known-bad, kernels: [debian-6.1-cloud], workload: lie, outcomes: [operation-failed], because: it did nothing}
expected: []
profiles: {smoke: {kernel: debian-6.1-cloud, workload: lifecycle, storage: [plain, overlay], boot: default}}
`;

const plain = 'debian-6.1-cloud/lifecycle';
const overlay = 'debian-6.1-cloud/lifecycle/storage=overlay';

/** A run of such a matrix: its id. */
async function aRun(folder: string, modules: string): Promise<string> {
  const [file, out] = [join(folder, 'matrix.yml'), join(folder, 'runs')];
  const before = await readdir(out);
  await writeFile(file, matrix(modules));
  const { stderr } = await kmatrix(['run', '--matrix', file, '--out', out, '--jobs', '1']);
  const made = (await readdir(out)).filter((name) => !before.includes(name));
  t.equal(made.length, 1, stderr);
  return made[0] ?? '';
}

t.test('what changed between two runs is put to the test on the images of both', async (t) => {
  const folder = t.testdir({ runs: {} });
  const runs = join(folder, 'runs');
  const [one, other] = [await aRun(folder, 'overlay'), await aRun(folder, '')];
  // a race that was lost once, and never again
  const attempts = join(runs, other, 'attempts.jsonl');
  const lines = (await readFile(attempts, 'utf8')).trimEnd().split('\n');
  const lost = lines.map((line) => {
    const attempt = JSON.parse(line);
    return JSON.stringify(attempt.key.cell === plain ? { ...attempt, outcome: 'operation-failed' } : attempt);
  });
  await writeFile(attempts, `${lost.join('\n')}\n`);

  const compared = ['compare', one, other, '--runs', runs, '--format', 'json'];
  const before = await kmatrix(compared);
  t.equal(before.exitCode, 1, before.stderr);
  t.match(
    new Map(
      JSON.parse(before.stdout).cells.map((cell: { id: string; changes: unknown }) => [
        cell.id,
        cell.changes,
      ]),
    ),
    new Map([
      [plain, [{ kind: 'outcome', name: 'operation-failed', onlyIn: 'B' }, {}]],
      [overlay, [{ kind: 'outcome', onlyIn: 'B' }]],
    ]),
  );

  const confirm = [
    ...compared,
    '--confirm',
    '--matrix',
    join(folder, 'matrix.yml'),
    '--attempts',
    '12',
    '--jobs',
    '2',
  ];
  const { stdout, stderr, exitCode } = await kmatrix(confirm);
  t.equal(exitCode, 1, stderr);
  const { confirmation } = JSON.parse(stdout);
  t.same(
    Object.fromEntries(confirmation.cells.map(({ id, verdict }: Record<string, string>) => [id, verdict])),
    { [plain]: 'alike', [overlay]: 'apart' },
    'the one is gone, the other is the image’s',
  );
  t.match(confirmation.changedSince, [[overlay], []], 'and matrix.yml is the second run’s');
  const anew = confirmation.comparison.cells.find(({ id }: { id: string }) => id === overlay).sides;
  t.match(anew, [{ outcome: 'stable', conclusive: 12 }, { outcome: /unsupported|operation-failed/ }]);
  for (const { id } of confirmation.comparison.runs) {
    const { selection } = JSON.parse(await readFile(join(runs, id, 'run.json'), 'utf8'));
    t.match(selection, { profile: 'confirm', cellAttempts: { [plain]: 12, [overlay]: 12 } });
    const resumed = await kmatrix(['run', '--resume', id, '--out', runs]);
    t.match(resumed, { exitCode: 2, stderr: /belongs to kmatrix compare --confirm/ });
  }

  // the runs of before, with an image that the cache doesn't have
  const images = join(runs, other, 'images.json');
  const hash = '0'.repeat(64);
  const recorded = await readFile(images, 'utf8');
  await writeFile(images, recorded.replace(/"imageId": "[0-9a-f]+"/, `"imageId": "${hash}"`));
  const count = (await readdir(runs)).length;
  const gone = await kmatrix(confirm);
  t.equal(gone.exitCode, 3, gone.stderr);
  t.match(gone.stderr, `run ${other}`);
  t.match(gone.stderr, /is gone from the cache/);
  t.match(gone.stderr, hash);
  t.match(gone.stderr, /run these cells again, and compare those runs/);
  t.equal((await readdir(runs)).length, count, 'nothing was run in its place');
});
