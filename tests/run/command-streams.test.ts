import { setImmediate as soon } from 'node:timers/promises';
import t from 'tap';
import { runCommand } from '../../harness/run/command-streams.js';
import { type GuestPeer, guestPeer } from '../guest/guest-peer.js';

const done = {
  type: 'done',
  status: 'failed',
  exitStatus: 3,
  signal: 0,
  iterations: 1,
  stopped: false,
  reason: '',
  seconds: 1,
};

async function* input(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

const output = (stream: 1 | 2, at: number, text: string) => ({
  type: 'output',
  ...{ stream, at, data: Buffer.from(text).toString('base64') },
});

/** Takes all it is fed, and does something at the end of it. */
function guest(peer: GuestPeer, atEnd: () => void) {
  let fed = '';
  peer.onFrame = (frame) => {
    if (frame.type !== 'input') return;
    fed += Buffer.from(frame.data, 'base64').toString();
    peer.say({ type: 'taken', bytes: Buffer.byteLength(fed), closed: frame.end, exchange: false });
    if (frame.end) atEnd();
  };
  return () => fed;
}

const { signal } = new AbortController();

t.test('words and input go in, both streams come out, each in its order', async (t) => {
  const { session, peer } = await guestPeer(t);
  const fed = guest(peer, () => {
    peer.say(output(1, 0, 'one '));
    peer.say(output(2, 0, 'trouble\n'));
    peer.say(output(1, 4, 'two'));
    peer.say(done);
  });
  const written = { 1: '', 2: '' };
  const streams = {
    input: input('first\n', 'second\n'),
    output: (stream: 1 | 2, bytes: Buffer) => {
      written[stream] += bytes;
      return undefined;
    },
  };
  const words = ['printf', '[%s]', ' a  b', '"\'$x`', 'line\nline', '', 'Grüße ☃'];
  t.match(await runCommand(session, words, streams, { signal }), { exitStatus: 3 });
  t.same(written, { 1: 'one two', 2: 'trouble\n' });
  const block = words.map((word) => `${word}\0`).join('');
  const length = Buffer.byteLength(block).toString(16).padStart(8, '0');
  t.equal(fed(), `${length}${block}first\nsecond\n`);
});

t.test('a command that ends while its input goes on has ended', async (t) => {
  const { session, peer } = await guestPeer(t);
  peer.onFrame = (frame) => frame.type === 'input' && peer.say(done);
  const streams = { input: input('never taken'), output: () => undefined };
  t.match(await runCommand(session, ['true'], streams, { signal }), { exitStatus: 3 });
});

t.test('a reader without room makes the guest wait', async (t) => {
  const { session, peer, near } = await guestPeer(t);
  let makeRoom = (): void => {};
  const rooms = [
    new Promise<void>((resolve) => {
      makeRoom = resolve;
    }),
  ];
  guest(peer, () => peer.say(output(1, 0, 'full')));
  let written = '';
  const streams = {
    input: input(),
    output: (_: 1 | 2, bytes: Buffer) => {
      written += bytes;
      return rooms.shift();
    },
  };
  const running = runCommand(session, ['yes'], streams, { signal });
  while (!near.isPaused()) await soon();
  peer.say(output(1, 4, ', and more'));
  peer.say(done);
  for (let turns = 0; turns < 100; turns++) await soon();
  t.equal(written, 'full', 'what it says meanwhile is left with it');
  makeRoom();
  t.match(await running, { exitStatus: 3 });
  t.equal(written, 'full, and more');
});

t.test('bytes that are missing are an error, and no shorter output', async (t) => {
  const { session, peer } = await guestPeer(t);
  guest(peer, () => {
    peer.say(output(1, 0, 'abc'));
    peer.say(output(1, 803, 'def'));
    peer.say(done);
  });
  const streams = { input: input(), output: () => undefined };
  await t.rejects(runCommand(session, ['cat'], streams, { signal }), {
    message: /bytes 3 to 803 of the command’s standard output were lost/,
  });
});

t.test('a machine that ends is no end of the command', async (t) => {
  const { session, peer } = await guestPeer(t);
  peer.onFrame = () => peer.socket.end();
  const streams = { input: input('x'), output: () => undefined };
  t.equal(await runCommand(session, ['reboot'], streams, { signal }), null);
});
