import process from 'node:process';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { progressOn } from '../../harness/cli/board.js';
import type { RunEvent } from '../../harness/schedule/types.js';
import { anAttempt } from '../results/made-up-run.js';

process.env.TERM = 'xterm';
delete process.env.CI;

/** What progress writes of these events, on a terminal or elsewhere. */
function written(events: readonly RunEvent[], isTTY: boolean): string {
  const stream = new PassThrough();
  const shown = Object.assign(stream, { isTTY, columns: 200, rows: 50 }) as unknown as NodeJS.WriteStream;
  const progress = progressOn(shown);
  for (const event of events) progress.on(event);
  progress.close();
  return String(stream.read() ?? '');
}

const started: RunEvent = {
  type: 'run-started',
  run: 'RUN',
  cells: 3,
  attempts: { a: 3, rhel: 3 },
  accelerator: 'tcg',
  accelReason: 'no /dev/kvm',
};
const gone: RunEvent = {
  type: 'image-unavailable',
  kernel: 'rhel',
  of: 'kernel',
  reason: 'no tree was given',
};
const ended = (cell: string, index: number, outcome: 'stable' | 'unavailable'): RunEvent => {
  const result = anAttempt(cell, index, outcome);
  return { type: 'attempt-finished', key: result.key, result, expected: true };
};
const over: RunEvent = { type: 'run-finished', run: 'RUN', interrupted: false };
const run = [
  started,
  ended('a/burn', 0, 'stable'),
  gone,
  ended('a/burn', 1, 'stable'),
  ...[0, 1, 2].map((index) => ended('rhel/burn', index, 'unavailable')),
  ended('a/burn', 2, 'stable'),
  over,
];

t.test('lines count attempts that were made; those without a kernel are told at the end', (t) => {
  const lines = written(run, false).trim().split('\n');
  t.match(lines[1], /^\[1\/6\] a\/burn/);
  t.match(lines[2], /^rhel: unavailable: no tree was given$/);
  t.match(lines[3], /^\[2\/3\] a\/burn/, 'three of the six are that kernel’s');
  t.match(lines[4], /^\[3\/3\] a\/burn/);
  t.equal(lines[5], 'run RUN finished: 3 attempts made, 3 without a kernel (1 unavailable)');
  t.end();
});

t.test('kernels whose attempts start otherwise than they were to are told, with the reason', (t) => {
  const reason = 'no\u001b[2J room';
  const lines = written(
    (['boots-cold', 'not-copied'] as const).map((type) => ({ type, kernel: 'a', reason })),
    false,
  );
  t.match(lines, /^a: each attempt boots, as there is no template: no.*room$/m);
  t.match(lines, /^a: each attempt is restored, not copied: no.*room$/m);
  t.notMatch(lines, '\u001b', 'a guest’s words drive no terminal');
  t.end();
});

t.test('what is compiled before a run is said, on a terminal and elsewhere', (t) => {
  const step = 'compiling (usually ten to thirty seconds)';
  const compiled: RunEvent[] = [
    { type: 'guest-step', step },
    { type: 'guest-progress', step, fraction: 0.5 },
    { type: 'guest-ready', seconds: 12 },
  ];
  t.equal(written(compiled, false), `${step}\nguest programs compiled after 12 s\n`);
  t.match(written([...compiled, started], true), /guest programs compiled after 12 s\n/);
  t.end();
});

t.test('kernels that lack for one server are one line', (t) => {
  const lacks = (kernel: string): RunEvent => ({
    ...{ type: 'image-unavailable', kernel, of: 'kernel', reason: 'no way there', host: 'cdn.kernel.org' },
  });
  for (const isTTY of [false, true]) {
    const text = written([started, lacks('a'), lacks('rhel'), over], isTTY);
    t.equal(text.match(/cdn\.kernel\.org/g)?.length, 1, text);
    t.match(
      text,
      "2 kernels unavailable, as cdn.kernel.org can't be reached: a, rhel; the first error: no way there",
    );
  }
  t.end();
});

t.test('and so does the board', (t) => {
  const text = written(run, true);
  t.match(text, '1 of 6 attempts, tcg');
  t.match(text, '2 of 3 attempts, 1 kernel unavailable, tcg');
  t.match(text, '3 of 3 attempts, 1 kernel unavailable, tcg');
  t.notMatch(text, /[456] of 6/);
  t.match(text, 'run RUN finished: 3 attempts made, 3 without a kernel (1 unavailable)');
  t.end();
});

t.test('a userland that can’t be had counts as a kernel does, and by its own name', (t) => {
  const attempts = { 'a/burn': 1, 'a/apt-get/userland=old': 2, 'rhel/apt-get/userland=old': 1 };
  const none: RunEvent = { type: 'image-unavailable', kernel: 'old', of: 'userland', reason: 'no archive' };
  const text = written(
    [
      { ...started, attempts },
      gone,
      none,
      ...[0, 1].map((index) => ended('a/apt-get/userland=old', index, 'unavailable')),
      ended('rhel/apt-get/userland=old', 0, 'unavailable'),
      ended('a/burn', 0, 'stable'),
      over,
    ],
    true,
  );
  t.match(text, '1 of 1 attempt, 1 kernel unavailable, 1 userland unavailable, tcg');
  t.match(
    text,
    'run RUN finished: 1 attempt made, 1 without a kernel (1 unavailable), 2 without a userland (1 unavailable)',
  );
  t.end();
});

t.test(
  'a kernel that only lacks the modules of one cell keeps its attempts, and one of no cell counts for none',
  (t) => {
    const lacks: RunEvent = { type: 'image-unavailable', kernel: 'a', of: 'modules', reason: 'no headers' };
    const other: RunEvent = {
      type: 'image-unavailable',
      kernel: 'never',
      of: 'kernel',
      reason: 'no control runs on it',
    };
    const text = written([started, other, lacks, ended('a/burn', 0, 'stable'), over], true);
    t.match(text, '1 of 6 attempts, tcg');
    t.notMatch(text, 'kernels unavailable');
    t.end();
  },
);

t.test('a second run counts from nothing, and one that had each kernel ends without an account', (t) => {
  const first = [started, ended('a/burn', 0, 'stable'), over];
  const lines = written([...first, ...first], false)
    .trim()
    .split('\n');
  t.match([lines[1], lines[4]], [/^\[1\/6\]/, /^\[1\/6\]/]);
  t.equal(lines.at(-1), 'run RUN finished');
  t.end();
});
