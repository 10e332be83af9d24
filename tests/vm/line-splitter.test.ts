import fc from 'fast-check';
import t from 'tap';
import { LineSplitter } from '../../harness/vm/line-splitter.js';

const feed = (splitter: LineSplitter, pieces: readonly string[]): string[] =>
  pieces.flatMap((piece) =>
    [...splitter.push(Buffer.from(piece, 'latin1'))].map((line) => line.toString('latin1')),
  );

t.test('lines are the same however the stream is cut', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-c]{0,5}\n?[a-c]{0,5}$/)), (pieces) => {
      const lines = feed(new LineSplitter({ limitBytes: 1000 }), pieces);
      return JSON.stringify(lines) === JSON.stringify(pieces.join('').split('\n').slice(0, -1));
    }),
  );
  t.pass();
});

t.test('a line over the limit is dropped whole and counted, the next one is kept', async (t) => {
  const splitter = new LineSplitter({ limitBytes: 8 });
  t.strictSame(feed(splitter, ['12345678\n', '123456', '789', '123456789', '9\nok\n']), ['12345678', 'ok']);
  t.equal(splitter.dropped, 1);
});
