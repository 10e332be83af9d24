import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { bench, type Measurements } from '../../bench/bench.js';
import { isMet, type Measure, missed } from '../../bench/measure.js';

const script = join(import.meta.dirname, '../../bench/main.js');

const figure = (value: number, kind: 'at most' | 'at least', other?: number): Measure => ({
  name: `${value} ${kind} 2`,
  unit: 's',
  value,
  ...(other === undefined ? {} : { other: { name: 'bare', value: other } }),
  target: { kind, ratio: 2 },
});

const met = [figure(2, 'at most'), figure(2, 'at least'), figure(4, 'at most', 2)];
const unmet = [
  figure(2.1, 'at most'),
  figure(1.9, 'at least'),
  figure(5, 'at most', 2),
  figure(Number.NaN, 'at most'),
  figure(Number.NaN, 'at least'),
];

/** bench() over stand-ins, and what it printed. */
async function run(t: Test, args: readonly string[], measurements: Measurements) {
  const streams = [t.capture(process.stdout, 'write'), t.capture(process.stderr, 'write')];
  const status = await bench(args, measurements);
  const [stdout, stderr] = streams.map((calls) =>
    calls()
      .map(({ args: [text] }) => String(text))
      .join(''),
  );
  for (const calls of streams) calls.restore();
  return { status, stdout, stderr };
}

t.test('a measurement that does not exist is refused, with the names of those that do', async (t) => {
  const { exitCode, stderr } = await execa(process.execPath, [script, '--only', 'clasify'], {
    reject: false,
  });
  t.equal(exitCode, 2);
  t.match(stderr, /there is no 'clasify'; choose from boot, restore, .*classify/);
  for (const only of ['good,', '', 'toString']) {
    const { status, stdout } = await run(t, ['--only', only], { good: () => met });
    t.equal(status, 2, only);
    t.equal(stdout, '', only);
  }
});

t.test('wrong options are one line on stderr', async (t) => {
  for (const args of [['--runs', '0'], ['--runs', 'x'], ['--what'], ['word']]) {
    const { status, stderr } = await run(t, args, { good: () => met });
    t.equal(status, 2, args.join(' '));
    t.match(stderr, /^bench: [^\n]+\n$/, args.join(' '));
  }
});

t.test('a missed bound is exit code 1, by its name, in text and in JSON', async (t) => {
  const measurements = { good: () => met, bad: async () => [...met, figure(7, 'at most')] };
  t.match(await run(t, ['--only', 'good'], measurements), { status: 0, stderr: '' });
  t.match(await run(t, ['--only', 'bad'], measurements), {
    status: 1,
    stdout: /MISSED/,
    stderr: 'bench: missed: 7 at most 2\n',
  });
  const { status, stdout } = await run(t, ['--json'], measurements);
  t.equal(status, 1);
  const figures: readonly { readonly met: boolean }[] = JSON.parse(stdout ?? '');
  t.same(
    figures.map((each) => each.met),
    [...met.map(() => true), ...met.map(() => true), false],
  );
});

t.test('a bound is missed on the wrong side of it, and by what is no number', async (t) => {
  t.same(missed([...met, ...unmet]), unmet);
  t.ok(isMet({ name: 'no bound', unit: 's', value: 7 }));
});
