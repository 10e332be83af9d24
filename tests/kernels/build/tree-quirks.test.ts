import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { applyQuirks } from '../../../harness/kernels/build/apply-quirks.js';
import { failingLines } from '../../../harness/kernels/build/failing-lines.js';
import { makeCall } from '../../../harness/kernels/build/make-words.js';
import { quirksFor } from '../../../harness/kernels/build/quirks.js';
import { parseKernelVersion } from '../../../harness/versions/kernel-version.js';

const version = (text: string) => parseKernelVersion(text) ?? [];
const namesFor = async (text: string, gcc: number) =>
  (await quirksFor(version(text), gcc)).map(({ name }) => name);

const timeconst = (text: string) => t.testdir({ kernel: { 'timeconst.pl': text } });
const perl = async () =>
  (await quirksFor(version('3.2'), 12)).filter(({ name }) => name === 'perl-defined-array');

t.test('quirks are chosen by kernel and by compiler', async (t) => {
  t.ok((await namesFor('2.6.32.69', 12)).includes('compiler-header'));
  t.notOk((await namesFor('4.9', 12)).includes('compiler-header'), 'one header for all since 4.2');
  t.notOk((await namesFor('3.2', 4)).includes('compiler-header'), 'gcc 4 is known to it');
  t.same(
    (await Promise.all(['3.8.13', '3.9', '4.0.9', '4.1'].map((text) => namesFor(text, 12)))).map((names) =>
      names.includes('early-idt-jump'),
    ),
    [false, true, true, false],
  );
  t.same(await namesFor('6.12', 14), []);
});

t.test('an edit is made where its text is found as often as expected', async (t) => {
  const tree = timeconst('a\n\tif (!defined(@val)) {\nb\n');
  await applyQuirks(tree, await perl(), 12);
  t.equal(await readFile(join(tree, 'kernel/timeconst.pl'), 'utf8'), 'a\n\tif (!@val) {\nb\n');
});

t.test('a file that was mended by a stable update is left alone', async (t) => {
  const text = '\t@val = defined($cv) ? @$cv : compute_values($hz);\n';
  const tree = timeconst(text);
  await applyQuirks(tree, await perl(), 12);
  t.equal(await readFile(join(tree, 'kernel/timeconst.pl'), 'utf8'), text);
});

t.test(
  'text found more or less often than expected is an error that names quirk, file and count',
  async (t) => {
    const twice = 'if (!defined(@val))\nif (!defined(@val))\n';
    const message =
      /quirk perl-defined-array expects its text 1 time\(s\) in kernel\/timeconst\.pl and finds it 2/;
    const tree = timeconst(twice);
    await t.rejects(applyQuirks(tree, await perl(), 12), { name: 'ImageError', message });
    t.equal(await readFile(join(tree, 'kernel/timeconst.pl'), 'utf8'), twice, 'nothing was edited');
    await t.rejects(applyQuirks(timeconst('other\n'), await perl(), 12), /finds it 0 time/);
    await t.rejects(applyQuirks(t.testdir({}), await perl(), 12), /edits a file that can't be read/);
  },
);

t.test(
  'an edit that depends on another file is made only where that says so, and not where there is no such file',
  async (t) => {
    const aufs = (await quirksFor(version('3.2.71'), 12)).filter(({ name }) => name === 'aufs-d-child');
    const tree = (dcache: string) =>
      t.testdir({
        include: { linux: { 'dcache.h': dcache } },
        fs: { aufs: { 'dcsub.c': 'd_u.d_child d_u.d_child', 'hnotify.c': 'd_u.d_child' } },
      });
    const after = async (folder: string) => {
      await applyQuirks(folder, aufs, 12);
      return readFile(join(folder, 'fs/aufs/dcsub.c'), 'utf8');
    };
    t.equal(await after(tree('{\n\tstruct list_head d_child;\n')), 'd_child d_child');
    t.equal(await after(tree('union {\n\t\tstruct list_head d_child;\n')), 'd_u.d_child d_u.d_child');
    await applyQuirks(t.testdir({}), aufs, 12);
  },
);

t.test('a file is added under the compiler’s version, unless the tree has its own', async (t) => {
  const header = (await quirksFor(version('3.2'), 12)).filter(({ name }) => name === 'compiler-header');
  const tree = t.testdir({ include: { linux: { 'compiler-gcc14.h': 'own\n' } } });
  await applyQuirks(tree, header, 12);
  await applyQuirks(tree, header, 14);
  t.match(await readFile(join(tree, 'include/linux/compiler-gcc12.h'), 'utf8'), /define __compiler_offsetof/);
  t.equal(await readFile(join(tree, 'include/linux/compiler-gcc14.h'), 'utf8'), 'own\n');
});

t.test('records with a path that leaves the tree, or a field that is none, are refused', async (t) => {
  const record = (over: string) => `- {name: a, symptom: s, reason: r, ${over}}\n`;
  const file = (text: string) => join(t.testdir({ q: text }), 'q');
  t.equal((await quirksFor([3, 2], 12, file(record('before: "3.3"')))).length, 1);
  for (const over of [
    'edits: [{file: ../x, find: a, replace: b, count: 1}]',
    'edits: [{file: /x, find: a, replace: b, count: 1}]',
    'edits: [{file: x, find: a, replace: b, count: 0}]',
    'files: [{from: a, to: b/../../c}]',
    'before: new',
    'flags: [-w]',
  ]) {
    await t.rejects(quirksFor([3, 2], 12, file(record(over))), { name: 'ImageError' }, over);
  }
});

t.test(
  'make is called with the flags of the quirks, and with nothing else of the caller’s environment',
  async (t) => {
    t.teardown(() => void delete process.env.KCFLAGS);
    process.env.KCFLAGS = '-O3';
    const toolchain = { gcc: '12.2.0', gccMajor: 12, identity: '', ccache: false };
    const call = makeCall('/s', '/s/source', '/s/build', await quirksFor(version('3.2'), 12), toolchain);
    t.match(
      call.words.find((word) => word.startsWith('CC=')),
      /^CC=gcc -std=gnu89 -fno-pie/,
    );
    t.match(
      call.words.find((word) => word.startsWith('LD=')),
      /max-page-size=0x200000/,
    );
    t.ok(call.words.includes('ARCH=x86') && call.words.includes('CROSS_COMPILE='));
    t.notOk('KCFLAGS' in call.environment);
    const modern = makeCall('/s', '/s/source', '/s/build', [], { ...toolchain, ccache: true });
    t.ok(modern.words.includes('CC=ccache gcc') && modern.words.includes('LD=ld'));
  },
);

t.test('the lines shown of a failed build are the cause, not what follows from it', async (t) => {
  const lines = [
    '  CC      kernel/a.o',
    "kernel/b.c:7:3: error: 'x' undeclared (first use in this function)",
    'make[2]: *** [scripts/Makefile.build:308: kernel/b.o] Error 1',
    '  CC      kernel/c.o',
    'make[1]: *** [kernel] Error 2',
    'make: *** Waiting for unfinished jobs....',
  ];
  t.same(failingLines(lines), [lines[1]]);
  t.same(
    failingLines([
      "ld: a.o: in function `f':",
      "a.c:(.text+0x7): undefined reference to `g'",
      'make: *** [v] Error 1',
    ]),
    ["a.c:(.text+0x7): undefined reference to `g'"],
  );
  t.same(failingLines(["make: *** No rule to make target 'kernel/x.c', needed by 'x.o'.  Stop."]).length, 1);
  t.same(
    failingLines(['make: *** [Makefile:9: all] Error 3']).length,
    1,
    'make’s own words where there are no others',
  );
  t.same(
    failingLines(['\u001b[31mx.c:1: error: \u202e']),
    ['\\u{1b}[31mx.c:1: error: \\u{202e}'],
    'nothing raw',
  );
});
