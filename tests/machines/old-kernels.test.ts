import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { buildGuest, buildImage, findKernel, importedName, rowName } from '../../harness/images/index.js';
import type { KernelEntry } from '../../harness/images/types.js';
import { loadMatrix } from '../../harness/matrix/index.js';
import type { Cell, KernelRow, WorkloadRow } from '../../harness/matrix/types.js';
import { LocalRunner } from '../../harness/schedule/local-runner.js';
import type { AttemptResult } from '../../harness/schedule/types.js';
import { chooseAccelerator, findQemu } from '../../harness/vm/index.js';

/**
 * The lines that the document speaks of and those after them, where the cache has them (`kmatrix images build ROW --tree …`). Issue #407 is on
 * every line from 2.6.32 to 3.7 but 3.1, whose leak of the mount hides it; 3.8 mended it (0a01f2cc390e).
 */
const lines: Readonly<Record<string, 'has #407' | 'has it not' | 'unknown'>> = {
  'vanilla-2.6.32': 'has #407',
  'vanilla-2.6.38': 'has #407',
  'vanilla-3.0': 'has #407',
  'vanilla-3.1': 'has it not',
  'vanilla-3.2': 'has #407',
  'vanilla-3.3': 'has #407',
  'vanilla-3.4': 'has #407',
  'vanilla-3.5': 'has #407',
  'ubuntu-3.5.0-27': 'has #407',
  'vanilla-3.6': 'has #407',
  'vanilla-3.7': 'has #407',
  'vanilla-3.8': 'has it not',
  'vanilla-3.9': 'has it not',
  'vanilla-3.10': 'has it not',
  'vanilla-3.13': 'has it not',
  'vanilla-3.16': 'has it not',
  'vanilla-4.9': 'has it not',
  'spotify-2.6.32': 'has #407',
  'rhel-2.6.32-642': 'unknown',
  'vanilla-2.6.32-aufs': 'has #407',
  'vanilla-2.6.38-aufs': 'has #407',
  'vanilla-3.2-aufs': 'has #407',
  'vanilla-3.5-aufs': 'has #407',
  'vanilla-3.8-aufs': 'has it not',
};

/** Rows whose kernels have AUFS, the document's own driver, by a patch set or by their distribution. */
const withAufs = /aufs$|^spotify-|^ubuntu-/;

const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
const qemu = await findQemu();
const { name: accelerator } = await chooseAccelerator(qemu, 'auto');
const guest = await buildGuest();
const never = new AbortController().signal;
const runner = new LocalRunner(
  { qemu, accelerator, calibrationNs: await guest.calibrateOnHost() },
  {
    start: 'template',
    jobs: 1,
    onColdBoots: (kernel, reason) => t.fail(`${kernel} boots cold: ${reason}`),
    signal: never,
  },
);
t.teardown(() => runner[Symbol.asyncDispose]());

/** A row's kernel from the cache alone: these tests fetch and build nothing. */
const cached = async (row: KernelRow): Promise<KernelEntry | undefined> =>
  (await findKernel(importedName(row.id))) ?? (await findKernel(rowName(row)));

async function attempt(
  row: KernelRow,
  kernel: KernelEntry,
  workloadId: string,
  bootId: string,
  extra: WorkloadRow['arguments'] = {},
  storageId = 'plain',
): Promise<AttemptResult> {
  const found = matrix.workloads.find(({ id }) => id === workloadId);
  const workload = found && { ...found, arguments: { ...found.arguments, ...extra } };
  const storage = matrix.storage.find(({ id }) => id === storageId);
  const boot = matrix.boot.find(({ id }) => id === bootId);
  if (!workload || !storage || !boot)
    throw new Error(`matrix.yml has no ${workloadId}, ${storageId} or ${bootId}`);
  const id = `${row.id}/${workloadId}/${storageId}/${bootId}`;
  const expectation = { outcomes: ['stable'] } as const;
  const cell: Cell = {
    id,
    role: 'matrix',
    kernel: row,
    workload,
    storage,
    boot,
    attempts: 1,
    expectation,
    cold: false,
  };
  const image = await buildImage({ kernel, guest, modules: workload.modules });
  const finished = await runner.run(
    { key: { cell: id, index: 0, seed: 1 }, cell, image },
    { signal: never, onState: () => {} },
  );
  return finished.result;
}

/** Nobody mounts beside the container, so that nobody else trips over the freed mount first. */
const alone = { churn: 0 };

for (const [id, expected] of Object.entries(lines)) {
  const row = matrix.kernels.find((known) => known.id === id);
  const kernel = row && (await cached(row));
  if (row === undefined || kernel === undefined) {
    t.test(`${id} runs containers`, { skip: `lacks the kernel ${id} in the cache` }, () => {});
    continue;
  }
  t.test(`${id} (${kernel.release}) runs whole containers`, async (t) => {
    const result = await attempt(row, kernel, 'lifecycle', 'default');
    t.equal(result.outcome, 'stable', result.reason);
    t.equal(result.release, kernel.release);
  });
  t.test(`${id} (${kernel.release}) is over after a panic`, async (t) => {
    const result = await attempt(row, kernel, 'control-panic', 'default');
    // SysRq c was a NULL dereference before it called panic(): the oops is what is found first
    t.match(result.outcome, /^(oops|panic)$/, result.reason);
    t.ok(
      result.reports.some(({ kind }) => kind === 'panic'),
      result.reports.map(({ title }) => title).join('; '),
    );
  });
  if (withAufs.test(id)) {
    t.test(`${id} (${kernel.release}) has a union of layers that copies up, hides and renames`, async (t) => {
      const probed = await attempt(row, kernel, 'feature-probe', 'default');
      t.match(
        probed.facts.find(({ name }) => name === 'filesystem.aufs'),
        { value: true },
      );
      const result = await attempt(row, kernel, 'lifecycle', 'default', {}, 'aufs');
      t.equal(result.outcome, 'stable', result.reason);
    });
  }
  t.test(`${id} (${kernel.release}), freed memory poisoned: exec from a thread, ${expected}`, async (t) => {
    const result = await attempt(row, kernel, 'pidns-exec', 'poisoned', alone);
    if (expected === 'has #407') {
      t.match(result.outcome, /^(oops|panic)$/, result.reason);
      t.ok(
        result.reports.some(({ knownIssue }) => knownIssue === '#407'),
        result.reports.map(({ title, signature }) => `${title}: ${signature}`).join('; '),
      );
    } else if (expected === 'has it not') t.equal(result.outcome, 'stable', result.reason);
    t.comment(`${id}: ${result.outcome} after ${result.iterations} containers`);
  });
  t.test(`${id} (${kernel.release}), poisoned: exec from the leader stays silent`, async (t) => {
    const result = await attempt(row, kernel, 'pidns-exec-leader', 'poisoned', alone);
    t.equal(result.outcome, 'stable', result.reason);
    t.same(result.reports, []);
  });
}
