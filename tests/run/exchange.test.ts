import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t from 'tap';
import { runCommand } from '../../harness/run/command-streams.js';
import { Exchange, slotBytes } from '../../harness/run/exchange.js';
import { guestPeer } from '../guest/guest-peer.js';

const checksum = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, '0');

t.test('a file that QEMU maps, without a name once it has', async (t) => {
  const folder = t.testdir();
  using exchange = new Exchange(folder);
  t.match(exchange.words.join(' '), `size=1048576,mem-path=${folder}/exchange,share=on`);
  t.equal(readFileSync(join(folder, 'exchange')).length, 16 * slotBytes);
  exchange.unlink();
  t.same(readdirSync(folder), []);
});

t.test('what is put is where the guest looks; what came to harm is not taken', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'exchange');
  using exchange = new Exchange(folder);
  const piece = randomBytes(slotBytes);
  t.same(exchange.put(piece), { length: slotBytes, crc: checksum(piece) });
  const memory = readFileSync(path);
  t.ok(memory.subarray(slotBytes, 2 * slotBytes).equals(piece));
  memory.set(piece, 15 * slotBytes);
  writeFileSync(path, memory, { flag: 'r+' });
  t.ok(
    exchange
      .take({ slot: 15, length: 1000, crc: checksum(piece.subarray(0, 1000)) })
      .equals(piece.subarray(0, 1000)),
  );
  t.throws(() => exchange.take({ slot: 14, length: 1000, crc: checksum(piece.subarray(0, 1000)) }), {
    message: /was corrupted/,
  });
  exchange.release();
  exchange.release();
  t.equal(readFileSync(path).readUInt32LE(0), 2);
  truncateSync(path);
  t.throws(() => exchange.take({ slot: 2, length: 10, crc: '00000000' }), { message: /was corrupted/ });
});

t.test('a command’s streams go through it, and a slot is free once its piece was written', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'exchange');
  using exchange = new Exchange(folder);
  const { session, peer } = await guestPeer(t);
  const sent = randomBytes(3 * slotBytes + 5);
  const fed: Buffer[] = [];
  let bytes = 0;
  let pieces = 0;
  peer.onFrame = (frame) => {
    if (frame.type !== 'input' && frame.type !== 'shared-input') return;
    const memory = readFileSync(path);
    const piece =
      frame.type === 'input'
        ? Buffer.from(frame.data, 'base64')
        : memory.subarray(slotBytes, slotBytes + frame.length);
    fed.push(Buffer.from(piece));
    bytes += piece.length;
    peer.say({ type: 'taken', bytes, closed: frame.end, exchange: true });
    if (!frame.end) return;
    // it says all of that again, in slots of 50,000 bytes
    const all = Buffer.concat(fed);
    for (let at = 0; at < all.length; at += 50_000) {
      const part = all.subarray(at, at + 50_000);
      const slot = 2 + (pieces % 14);
      pieces += 1;
      memory.set(part, slot * slotBytes);
      writeFileSync(path, memory, { flag: 'r+' });
      const place = { slot, length: part.length, crc: checksum(part) };
      peer.say({ type: 'shared-output', stream: 1, at, ...place });
    }
    peer.say({
      type: 'done',
      ...{
        status: 'passed',
        exitStatus: 0,
        signal: 0,
        iterations: 1,
        stopped: false,
        reason: '',
        seconds: 1,
      },
    });
  };
  const written: Buffer[] = [];
  const streams = {
    input: (async function* () {
      yield sent;
    })(),
    output: (_: 1 | 2, part: Buffer) => {
      written.push(part);
      return undefined;
    },
  };
  const { signal } = new AbortController();
  t.match(await runCommand(session, ['cat'], streams, { signal, exchange }), { exitStatus: 0 });
  t.ok(Buffer.concat(fed).subarray(12).equals(sent), 'after 0000004, cat and its NUL');
  t.ok(Buffer.concat(written).equals(Buffer.concat(fed)));
  t.equal(fed.length, 3 + 4, 'the words on the line, the rest in slots');
  await new Promise(setImmediate);
  t.equal(readFileSync(path).readUInt32LE(0), pieces);
});
