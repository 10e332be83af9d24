import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { HostError, UsageError } from '../../harness/errors.js';
import { cellsHash, expand, wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { begunImages } from '../../harness/results/begun-images.js';
import { readManifest } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { imagesOfRun } from '../../harness/run/images-of-run.js';
import { refuseOtherCells } from '../../harness/run/refuse-other-cells.js';
import { resumedAccelerator } from '../../harness/run/resume-run.js';
import { aCell, anAttempt, aRun, runsFolder } from '../results/stored-run.js';

const root = await runsFolder();

const text = `version: 1
defaults: {machine: {cpus: 1, memoryMiB: 128}, attempts: 1, timeoutSeconds: 10}
kernels:
  one: {line: '6.1', flavour: debian, verified: true, apt: {distribution: debian, suite: bookworm, package: linux-image-6.1.*-cloud-amd64}}
  two: {line: '5.10', flavour: debian, verified: true, apt: {distribution: debian, suite: bullseye, package: linux-image-5.10.*-cloud-amd64}}
workloads:
  burn: {program: burn, iterations: 5}
  other: {program: burn, iterations: 6}
storage: {plain: {}}
boot: {default: []}
controls: {}
expected: []
profiles: {smoke: {kernel: one, workload: burn, storage: plain, boot: default}}
`;
const file = join(root, 'matrix.yml');

/** The cells of the profile, and the whole file's hash, after an edit. */
async function cellsOf(edit: (text: string) => string) {
  await writeFile(file, edit(text));
  const matrix = await loadMatrix(file);
  return { cells: expand(matrix, wholeProfile('smoke')), matrixHash: matrix.hash };
}

const before = await cellsOf((same) => same);
const edits = {
  'another kernel': (one: string) => one.replace("line: '5.10'", "line: '5.11'"),
  'another workload': (one: string) => one.replace('iterations: 6', 'iterations: 7'),
  'a workload that is new': (one: string) =>
    one.replace('storage:', '  more: {program: burn, iterations: 1}\nstorage:'),
  'iterations of its workload': (one: string) => one.replace('iterations: 5', 'iterations: 50'),
  'its expectation': (one: string) =>
    one.replace('expected: []', 'expected: [{kernel: one, outcomes: [oops], because: a test}]'),
  'its attempts': (one: string) => one.replace('attempts: 1', 'attempts: 2'),
  "its kernel's source": (one: string) => one.replace('linux-image-6.1.*-cloud', 'linux-image-6.1.*-rt'),
};

/** A run of `before`, as it is in run.json; or as one was before cells had a hash of their own. */
async function begun({ asBefore = false } = {}) {
  const run = { ...aRun(before.cells), matrixHash: before.matrixHash, cellsHash: cellsHash(before.cells) };
  const store = await RunStore.create(root, run);
  await store.close();
  if (asBefore) {
    const path = join(store.folder, 'run.json');
    const { cellsHash: _, ...manifest } = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify(manifest));
  }
  return await readManifest(store.folder);
}

t.test('a run goes on whatever else changed in matrix.yml, and not where its own cells did', async (t) => {
  const manifest = await begun();
  for (const [what, edit] of Object.entries(edits)) {
    const { cells, matrixHash } = await cellsOf(edit);
    t.not(matrixHash, before.matrixHash, `${what} is a change of the file`);
    const resumed = (): void => refuseOtherCells(manifest, cells, { where: 'run', matrixHash });
    if (what.startsWith('another') || what.startsWith('a workload')) t.doesNotThrow(resumed, what);
    else t.throws(resumed, { name: 'UsageError', message: /one\/burn|where a kernel comes from/ }, what);
  }
});

t.test(
  'a run from before cells had a hash goes on where the file or all that it knows is the same',
  async (t) => {
    const manifest = await begun({ asBefore: true });
    t.notOk('cellsHash' in manifest);
    for (const [what, edit] of Object.entries(edits)) {
      const { cells, matrixHash } = await cellsOf(edit);
      const resumed = (): void => refuseOtherCells(manifest, cells, { where: 'run', matrixHash });
      if (/iterations of|expectation|attempts/.test(what))
        t.throws(resumed, { name: 'UsageError', message: /one\/burn$/ }, what);
      else t.doesNotThrow(resumed, what);
    }
    const { matrixHash } = before;
    t.doesNotThrow(() => refuseOtherCells(manifest, before.cells, { where: 'run', matrixHash }));
  },
);

t.test('a cell that is gone is named', async (t) => {
  const manifest = await begun();
  t.throws(() => refuseOtherCells(manifest, [], { where: 'run', matrixHash: '' }), {
    message: /one\/burn$/,
    remedy: /start a new run/,
  });
});

t.test('a run goes on under the accelerator that its attempts were made under', async (t) => {
  const cells = [aCell('vanilla-3.2', 'burn')];
  const qemu = { binary: 'q', version: '9.1.0' };
  const finds = (name: 'kvm' | 'tcg') => ({
    probe: async () => ({ works: name === 'kvm', reason: 'as the test has it' }),
  });
  const tcg = await RunStore.create(root, aRun(cells));
  await tcg.close();
  t.match(await resumedAccelerator(tcg.folder, qemu, 'auto', finds('kvm')), { name: 'tcg' });
  t.match(await resumedAccelerator(tcg.folder, qemu, 'tcg', finds('kvm')), { name: 'tcg' });
  await t.rejects(resumedAccelerator(tcg.folder, qemu, 'kvm', finds('kvm')), {
    name: 'UsageError',
    message: /began under tcg, and kvm is asked for/,
    remedy: /start a new run under kvm/,
  });
  const kvm = await RunStore.create(root, { ...aRun(cells), accelerator: { name: 'kvm', reason: 'it ran' } });
  t.match(await resumedAccelerator(kvm.folder, qemu, 'auto', finds('kvm')), { name: 'kvm' });
  await t.rejects(resumedAccelerator(kvm.folder, qemu, 'auto', finds('tcg')), HostError);
  await t.rejects(resumedAccelerator(kvm.folder, qemu, 'tcg', finds('kvm')), UsageError);
  // dropped in mid-run: what counts was made under TCG
  const dropped = kvm.session.id;
  await kvm.beginSession(aRun(cells));
  await kvm.discardSession(dropped, 'KVM hung');
  await kvm.close();
  t.match(await resumedAccelerator(kvm.folder, qemu, 'auto', finds('kvm')), { name: 'tcg' });
  t.match((await imagesOfRun(kvm.folder)).manifest.accelerator, { name: 'tcg' }, 'a confirmation, too');
  // nothing of it counts: whatever there is now
  const none = await RunStore.create(root, {
    ...aRun(cells),
    accelerator: { name: 'kvm', reason: 'it ran' },
  });
  await none.discardSession(none.session.id, 'KVM hung');
  await none.close();
  t.match(await resumedAccelerator(none.folder, qemu, 'auto', finds('tcg')), { name: 'tcg' });
});

t.test('the images of a run are those that were made first, recorded or named by attempts', async (t) => {
  const cells = [aCell('vanilla-3.2', 'burn', { attempts: 3 }), aCell('vanilla-3.2', 'lifecycle')];
  const [burn = '', lifecycle = ''] = cells.map(({ id }) => id);
  const store = await RunStore.create(root, aRun(cells));
  await store.recordCellImage(lifecycle, 'image-l');
  await store.recordCellImage(lifecycle, 'image-of-a-later-session');
  await store.append(anAttempt(burn, 0, 'unavailable', { imageId: '' }), '');
  await store.append(anAttempt(burn, 1, 'stable', { imageId: 'image-b' }), '');
  await store.append(anAttempt(burn, 2, 'stable', { imageId: 'another' }), '');
  const ready = { release: '3.2.71', provenance: '', seconds: 1, cached: true, config: null, purity: null };
  await store.recordImage({ kernel: 'vanilla-3.2', status: 'ready', imageId: 'kernel-k', ...ready });
  await store.recordImage({ kernel: 'rhel', status: 'unavailable', reason: 'no tree' });
  await store.close();
  const { kernels, images } = await begunImages(store.folder);
  t.same([...kernels], [['vanilla-3.2', 'kernel-k']]);
  t.same(Object.fromEntries(images), { [burn]: 'image-b', [lifecycle]: 'image-l' });
});
