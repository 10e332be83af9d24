import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { decodeFrame, encodeFrame } from '../../harness/guest/frames.js';

const line = (n: number, body: unknown): Buffer => {
  const text = JSON.stringify(body);
  const crc = crc32(text).toString(16).padStart(8, '0');
  return Buffer.from(`{"n":${n},"crc":"${crc}","body":${text}}`);
};

const beat = { from: 'beat', type: 'beat', beat: 3, uptime: 4.5, iterations: 17, memFreeKiB: 1000 };

t.test('a frame is read with its writer and its number', async (t) => {
  const { from, ...frame } = beat;
  t.strictSame(decodeFrame(line(7, beat)), { n: 7, from, frame });
});

t.test('the checksum is over the bytes, letters beyond ASCII included', async (t) => {
  t.match(decodeFrame(line(1, { from: 'agent', type: 'note', text: 'Grüße, ☃' })), {
    frame: { text: 'Grüße, ☃' },
  });
});

t.test('one changed byte anywhere makes it no frame', async (t) => {
  const good = line(7, beat);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ change;
      // the number is outside the checksum, but a digit turned into another one still is a number
      const decoded = decodeFrame(bad);
      return decoded === undefined || decoded.n !== 7;
    }),
  );
  t.pass();
});

for (const [what, body] of Object.entries({
  'of no known type': { ...beat, type: 'exec' },
  'with a field missing': { ...beat, iterations: undefined },
  'with a count below zero': { ...beat, iterations: -1 },
  'with a number as text': { ...beat, uptime: '4' },
  'from nobody we know': { ...beat, from: 'host' },
  'with a text without end': { from: 'agent', type: 'note', text: 'x'.repeat(5000) },
  'of another protocol': { from: 'agent', type: 'ready', protocol: 2 },
})) {
  t.test(`a body ${what} is no frame`, async (t) => t.equal(decodeFrame(line(1, body)), undefined));
}

t.test('what a dying kernel writes is no frame', async (t) => {
  for (const text of ['', '{', '{"n":1}', 'Kernel panic - not syncing', '{"n":1,"crc":"00000000","body":{}}'])
    t.equal(decodeFrame(Buffer.from(text)), undefined, text);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodeFrame(Buffer.from(bytes)) === undefined),
  );
});

t.test('what the host says carries the same envelope', async (t) => {
  const [, n, crc, body] =
    /^\{"n":(\d+),"crc":"([0-9a-f]{8})","body":(.*)\}\n$/.exec(encodeFrame(4, { type: 'stop' })) ?? [];
  t.equal(n, '4');
  t.equal(body, '{"type":"stop"}');
  t.equal(crc, crc32('{"type":"stop"}').toString(16).padStart(8, '0'));
});
