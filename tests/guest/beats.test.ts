import t from 'tap';
import { Beats } from '../../harness/guest/beats.js';

const beat = (iterations: number) =>
  ({ type: 'beat', beat: 0, uptime: 0, iterations, memFreeKiB: 0 }) as const;

function beatsAt(...beatTimes: (readonly [second: number, iterations: number])[]) {
  let time = 0;
  const beats = new Beats(() => time * 1000);
  for (const [second, iterations] of beatTimes) {
    time = second;
    beats.beat(beat(iterations));
  }
  const at = (second: number) => {
    time = second;
  };
  return { beats, at };
}

t.test('a gap that ended: it came back', async (t) => {
  const { beats, at } = beatsAt([1, 0], [2, 1], [12, 2], [13, 3]);
  at(14);
  t.equal(beats.longestGapSeconds, 10);
  t.equal(beats.cameBack, true);
});

t.test('the silence since the last beat counts, and is no coming back', async (t) => {
  const { beats, at } = beatsAt([1, 0], [2, 1], [5, 2]);
  at(30);
  t.equal(beats.longestGapSeconds, 25);
  t.equal(beats.cameBack, false);
});

t.test('after the end of the channel silence means nothing', async (t) => {
  const { beats, at } = beatsAt([1, 0], [2, 1]);
  beats.close();
  at(1000);
  t.equal(beats.longestGapSeconds, 1);
});

t.test('beats without iterations are a pulse without progress', async (t) => {
  const { beats } = beatsAt([1, 4], [2, 5], [3, 5], [9, 5]);
  t.equal(beats.lastAt, 9000);
  t.equal(beats.progressAt, 2000);
  t.equal(beats.iterations, 5);
});

t.test('before the first beat there is nothing to tell', async (t) => {
  const { beats, at } = beatsAt();
  at(100);
  t.equal(beats.longestGapSeconds, 0);
  t.equal(beats.cameBack, false);
  t.equal(beats.lastAt, null);
});
