import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import {
  mergeOptions,
  type RequestedOption,
  readFragment,
  requestedByRow,
} from '../../../harness/kernels/build/fragment.js';
import { kconfigSymbols } from '../../../harness/kernels/build/kconfig-symbols.js';
import { readOptionNames } from '../../../harness/kernels/build/option-names.js';
import { translateOptions } from '../../../harness/kernels/build/translate-options.js';
import { treeVersion } from '../../../harness/kernels/build/tree-version.js';
import { verifyConfig } from '../../../harness/kernels/build/verify-config.js';
import {
  compareKernelVersions,
  inRange,
  lineOf,
  parseKernelVersion,
} from '../../../harness/versions/kernel-version.js';

const names = await readOptionNames();
const request = (name: string, value = 'y', optional = false): RequestedOption => ({
  name,
  value,
  optional,
  origin: 'base.config:7',
});
const translate = (requests: RequestedOption[], ...defined: string[]) =>
  translateOptions(requests, new Set(defined), names, 'tree').map(
    ({ nameInTree, value }) => `${nameInTree}=${value}`,
  );

t.test('an option is asked for under the name that the tree has for it', async (t) => {
  const wanted = ['MEMCG', 'MEMCG_SWAP', 'SOFTLOCKUP_DETECTOR', 'OVERLAY_FS'].map((name) => request(name));
  t.same(
    translate(wanted, 'CGROUP_MEM_RES_CTLR', 'CGROUP_MEM_RES_CTLR_SWAP', 'DETECT_SOFTLOCKUP', 'OVERLAYFS_FS'),
    ['CGROUP_MEM_RES_CTLR=y', 'CGROUP_MEM_RES_CTLR_SWAP=y', 'DETECT_SOFTLOCKUP=y', 'OVERLAYFS_FS=y'],
    '2.6.32',
  );
  t.same(
    translate(wanted, 'MEMCG', 'MEMCG_SWAP', 'LOCKUP_DETECTOR', 'OVERLAYFS_FS'),
    ['MEMCG=y', 'MEMCG_SWAP=y', 'LOCKUP_DETECTOR=y', 'OVERLAYFS_FS=y'],
    '3.8',
  );
  t.same(translate([request('CGROUP_MEM_RES_CTLR')], 'MEMCG'), ['MEMCG=y'], 'an old name on a new tree');
});

t.test('an option that no name of is defined is an error, unless it is optional or off', async (t) => {
  t.throws(() => translate([request('NO_SUCH')], 'MEMCG'), /no such option: NO_SUCH \(base\.config:7/);
  t.throws(() => translate([request('SLUB_DEBUGG')], 'SLUB_DEBUG'), /is SLUB_DEBUG meant\?/);
  t.same(translate([request('NO_SUCH', 'y', true), request('NONE', 'n')], 'MEMCG'), []);
});

t.test('two of today’s options that an old tree has as one: the later request decides', async (t) => {
  const wanted = [request('SOFTLOCKUP_DETECTOR'), request('HARDLOCKUP_DETECTOR', 'n')];
  t.same(translate(wanted, 'LOCKUP_DETECTOR'), ['LOCKUP_DETECTOR=n']);
});

t.test('a dropped request is named with its old name, its origin and what came out', async (t) => {
  const [memory] = translateOptions([request('MEMCG')], new Set(['CGROUP_MEM_RES_CTLR']), names, 'tree');
  const [number] = translateOptions([request('NR_CPUS', '8')], new Set(['NR_CPUS']), names, 'tree');
  const [off] = translateOptions([request('INET', 'n')], new Set(['INET']), names, 'tree');
  const options = [memory, number, off].filter((option) => option !== undefined);
  t.same(
    verifyConfig(
      'CONFIG_CGROUP_MEM_RES_CTLR=y\nCONFIG_NR_CPUS=8\n# CONFIG_INET is not set\n',
      options,
      'log',
    ),
    [],
  );
  t.throws(() => verifyConfig('CONFIG_NR_CPUS=8\n', options, 'log'), {
    message:
      /dropped CGROUP_MEM_RES_CTLR=y \(today’s MEMCG\), asked for by base\.config:7, came out as not set/,
  });
  const wrong = 'CONFIG_CGROUP_MEM_RES_CTLR=m\nCONFIG_NR_CPUS=64\nCONFIG_INET=y\n';
  t.throws(
    () => verifyConfig(wrong, options, 'log'),
    /came out as m; NR_CPUS=8.*came out as 64; INET=n.*as y/,
  );
});

t.test('an optional request that was dropped is told, not thrown', async (t) => {
  const options = translateOptions([request('USER_NS', 'y', true)], new Set(['USER_NS']), names, 'tree');
  t.same(
    verifyConfig('', options, 'log').map(({ name }) => name),
    ['USER_NS'],
  );
});

t.test('a fragment’s remarks say where an option may be missing', async (t) => {
  const file = join(
    t.testdir({
      f: '# head\nA=y\nB=y   # optional\nC="x y"  # since 3.9\nD=8 # before 3.9\nE=y # since 3.4, before 3.6\n',
    }),
    'f',
  );
  const optional = async (version: string) =>
    (await readFragment(file, 'f', parseKernelVersion(version) ?? []))
      .filter((option) => option.optional)
      .map(({ name }) => name);
  t.same(await optional('3.2.71'), ['B', 'C', 'E']);
  t.same(await optional('3.5'), ['B', 'C']);
  t.same(await optional('4.9'), ['B', 'D', 'E']);
  t.match((await readFragment(file, 'f', [3, 2]))[2], { name: 'C', value: '"x y"', origin: 'f:4' });
  for (const text of ['A y', 'A=y # perhaps', 'CONFIG A=y', 'A=']) {
    await t.rejects(
      readFragment(join(t.testdir({ f: text }), 'f'), 'f', [3, 2]),
      { name: 'ImageError' },
      text,
    );
  }
});

t.test('what something else excludes on some lines isn’t asked for there', async (t) => {
  const file = join(t.testdir({ f: 'A=m # not since 3.7, before 3.12\nB=y # not before 3.2\n' }), 'f');
  const asked = async (version: string) =>
    (await readFragment(file, 'f', parseKernelVersion(version) ?? [])).map(
      ({ name, optional }) => `${name}${optional ? '?' : ''}`,
    );
  t.same(await asked('2.6.32.69'), ['A']);
  t.same(await asked('3.6.5'), ['A', 'B']);
  t.same(await asked('3.7'), ['B']);
  t.same(await asked('3.11.10'), ['B']);
  t.same(await asked('3.12'), ['A', 'B'], 'asked for, and not optional');
  const nonsense = join(t.testdir({ f: 'A=y # not always\n' }), 'f');
  await t.rejects(readFragment(nonsense, 'f', [3, 2]), { name: 'ImageError' });
});

t.test('a row’s own options win over the fragments’, and nonsense in them is refused', async (t) => {
  const merged = mergeOptions([request('INET'), ...requestedByRow({ CONFIG_INET: 'n' }, 'row')]);
  t.same(merged, [{ name: 'INET', value: 'n', optional: false, origin: 'row' }]);
  for (const [name, value] of [
    ['A\nB', 'y'],
    ['A', 'y\nCONFIG_B=y'],
    ['A', 'perhaps'],
    ['A', '"a\\"'],
    ['', 'y'],
  ] as const) {
    t.throws(
      () => requestedByRow({ [name]: value }, 'row'),
      { name: 'UsageError' },
      JSON.stringify([name, value]),
    );
  }
});

t.test(
  'options are those of x86: other architectures’ files are not followed, help text is not taken for code',
  async (t) => {
    const tree = t.testdir({
      Kconfig: 'source "arch/$SRCARCH/Kconfig"\nsource fs/Kconfig\n',
      arch: { x86: { Kconfig: 'config X86\n\tbool\n' }, arm: { Kconfig: 'config ARM\n\tbool\n' } },
      fs: { Kconfig: 'menuconfig MISC\n\thelp\n\t  the longest\n\t  source prefix wins\n\tconfig EXT4\n' },
    });
    t.same([...(await kconfigSymbols(tree, 'Kconfig'))].sort(), ['EXT4', 'MISC', 'X86']);
    const cut = t.testdir({ Kconfig: 'source "drivers/of/Kconfig"\n' });
    await t.rejects(kconfigSymbols(cut, 'Kconfig'), /lacks drivers\/of\/Kconfig, which Kconfig sources/);
  },
);

t.test('a tree’s version is read from its Makefile', async (t) => {
  const version = (text: string) => treeVersion(text, 'tree').join('.');
  t.equal(version('VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 32\nEXTRAVERSION = .69\n'), '2.6.32.69');
  t.equal(version('VERSION = 3\nPATCHLEVEL = 5\nSUBLEVEL = 0\nEXTRAVERSION =\n'), '3.5.0');
  t.equal(version('VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION = -rc1\n'), '6.1.0');
  t.equal(lineOf([2, 6, 32, 69]), '2.6.32');
  t.equal(lineOf([3, 2, 71]), '3.2');
  t.throws(() => treeVersion(undefined, 'tree'), /not a kernel tree: it has no Makefile/);
  t.throws(() => treeVersion('all:\n\tcc x.c\n', 'tree'), /names no kernel version/);
});

t.test('versions are ordered by their numbers, and a range has its start and not its end', async (t) => {
  const version = fc.array(fc.nat(999), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(version, version, (a, b) => {
      const order = compareKernelVersions(a, b);
      const mirrored = Math.sign(order) + Math.sign(compareKernelVersions(b, a)) === 0;
      return mirrored && inRange(a, { from: b }) === order >= 0 && inRange(a, { before: b }) === order < 0;
    }),
  );
  t.ok(inRange([3, 9], { from: [3, 9], before: [4, 1] }));
  t.notOk(inRange([4, 1], { from: [3, 9], before: [4, 1] }));
  t.ok(compareKernelVersions([2, 6, 9], [2, 6, 32]) < 0);
  t.equal(compareKernelVersions([3, 2], [3, 2, 0]), 0);
});
