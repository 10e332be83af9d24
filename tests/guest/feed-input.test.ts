import { randomBytes } from 'node:crypto';
import t from 'tap';
import { feedInput } from '../../harness/guest/feed-input.js';
import type { InputFrame } from '../../harness/guest/types.js';
import { type GuestPeer, guestPeer } from './guest-peer.js';

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

/** A guest that takes what it is fed, as images/guest/agent/feed.c does. */
function taking(peer: GuestPeer, act: (frame: InputFrame, take: () => void) => void = (_, take) => take()) {
  const taken: Buffer[] = [];
  const frames: InputFrame[] = [];
  let bytes = 0;
  peer.onFrame = (frame) => {
    if (frame.type !== 'input') return;
    frames.push(frame);
    act(frame, () => {
      const piece = Buffer.from(frame.data, 'base64');
      if (frame.at === bytes) {
        taken.push(piece);
        bytes += piece.length;
      }
      peer.say({ type: 'taken', bytes, closed: frame.end, exchange: false });
    });
  };
  return { frames, all: () => Buffer.concat(taken) };
}

const { signal } = new AbortController();

t.test('a stream arrives byte for byte, in lines that a terminal holds, one at a time', async (t) => {
  const { session, peer } = await guestPeer(t);
  let underWay = 0;
  let most = 0;
  const guest = taking(peer, (_, take) => {
    underWay += 1;
    most = Math.max(most, underWay);
    setImmediate(() => {
      underWay -= 1;
      take();
    });
  });
  const parts = [randomBytes(1), randomBytes(70_001), new Uint8Array(), randomBytes(2400)];
  await feedInput(session, chunks(...parts), { signal });
  t.ok(guest.all().equals(Buffer.concat(parts)));
  t.equal(most, 1);
  t.same(guest.frames.map(({ end }) => end).filter(Boolean), [true], 'and its end');
  t.ok(Math.max(...guest.frames.map((frame) => JSON.stringify(frame).length)) < 4000);
});

t.test('no input is an end at once', async (t) => {
  const { session, peer } = await guestPeer(t);
  const { frames } = taking(peer);
  await feedInput(session, chunks(), { signal });
  t.match(frames, [{ at: 0, data: '', end: true }]);
});

t.test('a piece that came to harm is sent again, and counts once', async (t) => {
  const { session, peer } = await guestPeer(t);
  let refused = 0;
  const guest = taking(peer, (_, take) => {
    refused += 1;
    if (refused % 3 === 0) peer.say({ type: 'note', text: 'frame rejected: crc differs' });
    else take();
  });
  const bytes = randomBytes(30_000);
  await feedInput(session, chunks(bytes), { signal });
  t.ok(guest.all().equals(bytes));
});

t.test('where nobody reads any more, the source is left', async (t) => {
  const { session, peer } = await guestPeer(t);
  taking(peer, () => peer.say({ type: 'taken', bytes: 0, closed: true, exchange: false }));
  let left = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield randomBytes(10);
    } finally {
      left = true;
    }
  }
  await feedInput(session, endless(), { signal });
  t.ok(left);
});

t.test('a machine that ends takes no more; an abort ends it with its reason', async (t) => {
  const { session, peer } = await guestPeer(t);
  peer.onFrame = () => peer.socket.end();
  await feedInput(session, chunks(randomBytes(10_000)), { signal });
  const other = await guestPeer(t);
  const stop = new AbortController();
  other.peer.onFrame = () => stop.abort(new Error('enough'));
  await t.rejects(feedInput(other.session, chunks(randomBytes(10)), { signal: stop.signal }), {
    message: 'enough',
  });
});

t.test('what the source throws is thrown', async (t) => {
  const { session, peer } = await guestPeer(t);
  taking(peer);
  // biome-ignore lint/correctness/useYield: it fails before
  async function* broken(): AsyncGenerator<Uint8Array> {
    throw new Error('EISDIR');
  }
  await t.rejects(feedInput(session, broken(), { signal }), { message: 'EISDIR' });
});
