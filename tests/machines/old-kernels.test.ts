import t from 'tap';
import { has407, kernelAttempts } from './kernel-attempts.js';

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

// a hang ends it, and so doesn't a cache that holds them all: each takes up to a minute on a busy host
t.setTimeout(Object.keys(lines).length * 120_000);

const attempts = await kernelAttempts(t, Object.keys(lines));

for (const [id, expected] of Object.entries(lines)) {
  const cached = attempts.cached(id);
  if (cached === undefined) {
    t.test(`${id} runs containers`, { skip: `lacks the kernel ${id} in the cache` }, () => {});
    continue;
  }
  const { kernel } = cached;
  t.test(`${id} (${kernel.release}) runs whole containers`, async (t) => {
    const result = await attempts.run(cached, 'lifecycle', 'default');
    t.equal(result.outcome, 'stable', result.reason);
    t.equal(result.release, kernel.release);
  });
  t.test(`${id} (${kernel.release}) is over after a panic`, async (t) => {
    const result = await attempts.run(cached, 'control-panic', 'default');
    // SysRq c was a NULL dereference before it called panic(): the oops is what is found first
    t.match(result.outcome, /^(oops|panic)$/, result.reason);
    t.ok(
      result.reports.some(({ kind }) => kind === 'panic'),
      result.reports.map(({ title }) => title).join('; '),
    );
  });
  const before = kernel.headers === undefined && `the ${id} in the cache was built before modules were kept`;
  t.test(`${id} (${kernel.release}) has its modules, and they load`, { skip: before }, async (t) => {
    const { facts } = await attempts.run(cached, 'feature-probe', 'default');
    const fact = (name: string) => facts.find((one) => one.name === name);
    // the base configuration: btrfs costs time when it starts, the mapper doesn't
    const btrfs = fact('filesystem.btrfs');
    t.match(btrfs, { value: true, module: 'btrfs' }, `btrfs: ${btrfs?.evidence}`);
    for (const name of ['storage.devicemapper', 'storage.loop', 'filesystem.squashfs'])
      t.match(fact(name), { value: true, module: '' }, `${name}: ${fact(name)?.evidence}`);
  });
  if (withAufs.test(id)) {
    t.test(`${id} (${kernel.release}) has a union of layers that copies up, hides and renames`, async (t) => {
      const probed = await attempts.run(cached, 'feature-probe', 'default');
      t.match(
        probed.facts.find(({ name }) => name === 'filesystem.aufs'),
        { value: true },
      );
      const result = await attempts.run(cached, 'lifecycle', 'default', 'aufs');
      t.equal(result.outcome, 'stable', result.reason);
    });
  }
  t.test(`${id} (${kernel.release}), freed memory poisoned: exec from a thread, ${expected}`, async (t) => {
    if (expected === 'has #407') {
      const results = await attempts.until407(cached, 'pidns-exec-alone', 'poisoned');
      const told = results.map(({ outcome, reports }) =>
        [outcome, ...reports.map(({ title }) => title)].join(': '),
      );
      t.ok(results.some(has407), told.join('; '));
      t.comment(`${id}: in attempt ${results.length}, after ${results.at(-1)?.iterations} containers`);
      return;
    }
    const result = await attempts.run(cached, 'pidns-exec-alone', 'poisoned');
    if (expected === 'has it not') t.equal(result.outcome, 'stable', result.reason);
    t.comment(`${id}: ${result.outcome} after ${result.iterations} containers`);
  });
  t.test(`${id} (${kernel.release}), poisoned: exec from the leader stays silent`, async (t) => {
    const result = await attempts.run(cached, 'pidns-exec-leader', 'poisoned');
    t.equal(result.outcome, 'stable', result.reason);
    t.same(result.reports, []);
  });
}
