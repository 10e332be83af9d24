import { join } from 'node:path';
import t from 'tap';
import { renderReproduction } from '../../harness/report/terminal/reproduction.js';
import { aFinding, aReproduction, aTally, onKernel } from '../repro/sample-reproduction.js';
import { kmatrix } from './kmatrix.js';

const pipe = { width: 160, colour: false, folder: 'results/run' };
const arm = { failing: 1, of: 1 };

t.test(
  'a report that is the bug: evidence, what fixed it, when, how known, how to have it again',
  async (t) => {
    const text = renderReproduction(
      aReproduction([
        onKernel('vanilla-3.2', {
          attribution: { how: 'by frames', arm, control: null },
          arm: aTally({ failing: 1, seconds: { median: 1.1 } }),
          finding: aFinding(),
        }),
      ]),
      pipe,
    );
    for (const words of [
      /^#407 reproduced on vanilla-3\.2, 3\.2\.71, arm poisoned\n/,
      /general protection fault: 0000/,
      /frames: +d_hash_and_lookup ← proc_flush_task/,
      /fixed in: +3\.8, 0a01f2cc390e/,
      /attributed: +by frames\n/,
      /source: +unchecked; see docs\/kernels\.md\n/,
      /3\.3 s from power-on, 1\.1 s from the workload's start/,
      /again: kmatrix repro 407 --arm poisoned --defect exec --kernel vanilla-3\.2 --seed 7\n/,
    ])
      t.match(text, words);
  },
);

t.test('a comparison says k of n against 0 of m; a bound on a time is no median', async (t) => {
  const attribution = {
    how: 'by comparison',
    arm: { failing: 4, of: 5 },
    control: { failing: 0, of: 5 },
    probability: 0.0238,
  } as const;
  const text = renderReproduction(
    aReproduction([
      onKernel('vanilla-3.2', { attribution, control: aTally({ workload: 'w-control' }) }),
      onKernel('vanilla-3.8', { unavailable: 'no such file', purity: null }),
    ]),
    pipe,
  );
  t.match(text, /by comparison: 4 of 5 against 0 of 5, p = 0\.024/);
  t.match(text, /w-control +0 of 1 \(0 to 98 %\) +> 30 s +> 100/);
  t.match(text, /vanilla-3\.8 +unavailable/);
  t.match(text, /^Sources: vanilla-3\.2 unchecked\.$/m);
  t.match(text, /again: .* --control --seed 7/);
});

t.test('the words for the same attempts have what was given, quoted for a shell', async (t) => {
  const given = ['--attempts', '30', '--boot', 'cold', '--matrix', "/a b/matrix's.yml"];
  const text = renderReproduction(aReproduction([onKernel('vanilla-3.2')]), pipe, given);
  t.match(text, /vanilla-3\.2 --attempts 30 --boot cold --matrix '\/a b\/matrix'\\''s\.yml' --seed 7\n/);
});

t.test('one line says what an official kernel showed', async (t) => {
  const line = (parts: object): string => {
    const one = {
      kernel: 'u',
      flavour: 'ubuntu',
      failing: 1,
      of: 2,
      signatures: ['s'],
      shared: ['s'],
      ...parts,
    };
    return renderReproduction({ ...aReproduction([onKernel('v')]), official: [one] }, pipe);
  };
  t.match(line({}), /^official: +the same signature on u \(ubuntu\): s$/m);
  t.match(line({ shared: [] }), /^official: +another signature on u/m);
  t.match(line({ shared: null }), /^official: +on u \(ubuntu\) itself: s$/m);
  t.match(line({ failing: 0, signatures: [], shared: [] }), /held, 0 of 2 failed/);
  t.match(line({ failing: 0, of: 0, signatures: [], shared: [] }), /says nothing/);
  t.match(line({ signatures: [], shared: [] }), /silent without a report/);
  t.notMatch(renderReproduction(aReproduction([onKernel('v')]), pipe), /official/);
});

t.test('what a guest printed moves no cursor and hides nothing', async (t) => {
  const evil = '\u001b[2J\u202e\u0007';
  const text = renderReproduction(
    aReproduction([
      onKernel('vanilla-3.2', {
        release: `3.2${evil}`,
        attribution: { how: 'by frames', arm, control: null },
        finding: aFinding({ reason: evil, signature: evil, frames: [`d_hash${evil}`] }),
      }),
    ]),
    pipe,
  );
  for (const character of evil.replace('[2J', '')) t.notOk(text.includes(character));
  t.match(text, /\\u\{1b\}\[2J/);
});

t.test('wrong words are usage errors with the nearest right one', async (t) => {
  const refused = async (words: readonly string[], said: RegExp): Promise<void> => {
    const { exitCode, stderr, stdout } = await kmatrix(['repro', ...words]);
    t.equal(exitCode, 2, words.join(' '));
    t.match(stderr, said);
    t.equal(stdout, '');
  };
  await refused(['408'], /407/);
  await refused(['407', '--arm', 'stok'], /poisoned, stock, natural/);
  await refused(['407', '--defect', 'reap', '--arm', 'natural'], /--defect reap --arm poisoned/);
  await refused(['407', '--kernel', 'vanila-3.2'], /vanilla-3\.2/);
  await refused(['lp720095', '--control'], /own control/);
  await refused(['407', '--bundle', 'b.zip'], /NAME\.tar\.zst/);
});

t.test('a bundle that zstd would be needed for is refused before anything runs', async (t) => {
  const node = t.testdir({ bin: {} });
  const { exitCode, stderr, stdout } = await kmatrix(['repro', '407', '--bundle', 'b.tar.zst'], {
    env: { PATH: join(node, 'bin') },
  });
  t.equal(exitCode, 3);
  t.match(stderr, /zstd is not installed/);
  t.equal(stdout, '');
});

t.test('without any kernel the commands that get one are on stderr, and the exit code is 3', async (t) => {
  const { exitCode, stderr } = await kmatrix(['repro', '407', '--out', join(t.testdir({}), 'out')], {
    env: { KMATRIX_CACHE: t.testdirName },
  });
  t.equal(exitCode, 3);
  t.match(stderr, /kmatrix images build vanilla-3\.2 \[--tree FOLDER\]\n/);
  t.match(stderr, /kmatrix images import/);
});
