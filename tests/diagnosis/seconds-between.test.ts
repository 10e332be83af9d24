import t from 'tap';
import { classify } from '../../harness/diagnosis/classify.js';
import { secondsBetween } from '../../harness/diagnosis/seconds-between.js';

const between: readonly (readonly [string, string, number | null])[] = [
  ['23:59:50 host kernel: ', '00:00:20 host kernel: ', 30],
  ['Mon 12:00 ', 'Mon 15:00 ', 10_800],
  ['Dec 31 23:59:50 host kernel: ', 'Jan  1 00:00:20 host kernel: ', 30],
  ['Feb 28 23:59:50 ', 'Mar  1 00:00:20 ', 30],
  ['Feb 28 23:59:50 ', 'Feb 29 00:00:20 ', 30],
  ['Feb 29 23:59:50 ', 'Mar  1 00:00:20 ', 30],
  ['Apr 30 23:59:50 ', 'May  1 00:00:20 ', 30],
  ['Feb 29 12:00:00 ', 'Mar  1 12:00:00 ', 86_400],
  ['Apr 29 23:59:50 ', 'May  1 00:00:20 ', 86_430],
  ['2024-12-31T23:59:50Z ', '2025-01-01T00:00:20Z ', 30],
  ['2023-02-28 23:59:50 ', '2023-03-01 00:00:20 ', 30],
  ['2024-02-28 23:59:50 ', '2024-03-01 00:00:20 ', 86_430],
  ['2023-11-30 23:59:50 ', '2024-11-30 23:59:50 ', 366 * 86_400],
  ['[  100.5] ', '[  130.5] ', 30],
  ['23:59:50 ', 'Jan  1 00:00:20 ', null],
  ['23:59:50 ', 'no stamp', null],
];

t.test('stamps are as far apart as a calendar has it, over midnight and New Year too', async (t) => {
  for (const [one, other, seconds] of between) {
    t.equal(secondsBetween(one, other), seconds, `${one}| ${other}`);
    t.equal(secondsBetween(other, one), seconds, 'in either order');
  }
});

t.test('a stall that goes on over midnight is one, whatever the month', async (t) => {
  const stall = (front: string): string => `${front}INFO: rcu_sched self-detected stall on CPU 1\n`;
  for (const [one, other] of [
    ['Apr 30 23:59:10 host kernel: ', 'May  1 00:00:13 host kernel: '],
    ['Dec 31 23:59:10 host kernel: ', 'Jan  1 00:00:13 host kernel: '],
    ['2026-11-30T23:59:10 host kernel: ', '2026-12-01T00:00:13 host kernel: '],
    ['23:59:10 ', '00:00:13 '],
  ] as const) {
    t.equal(classify(stall(one) + stall(other)).length, 1, one);
  }
  t.equal(
    classify(stall('Apr 30 20:59:10 ') + stall('Apr 30 23:59:10 ')).length,
    2,
    'hours later it is another',
  );
});
