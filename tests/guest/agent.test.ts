import { once } from 'node:events';
import t from 'tap';
import { guestPeer } from './guest-peer.js';

const readyBody = {
  type: 'ready',
  protocol: 1,
  release: '6.1.0',
  uptime: 2,
  calibrationNs: 1000,
  modules: [],
  moduleFailures: [],
};
const doneBody = {
  type: 'done',
  status: 'passed',
  exitStatus: 0,
  signal: 0,
  iterations: 5,
  stopped: false,
  reason: '',
  seconds: 1,
};

t.test('a hello that was cut short before is no part of the next one', async (t) => {
  const { session, peer } = await guestPeer(t);
  let heard = '{"n":1,"crc":"0'; // what a template kept of one that came while its port was opened
  peer.socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    if (heard.split('\n').some((line) => /^\{"n":\d+,"crc":"\w{8}","body":\{"type":"hello"/.test(line)))
      peer.say(readyBody);
  });
  t.match(await session.ready({ everySeconds: 60 }), { release: '6.1.0' }, 'the first is understood');
});

t.test('hello is said again until the guest is ready', async (t) => {
  const { session, peer } = await guestPeer(t);
  const ready = session.ready({ everySeconds: 0.01 });
  while (peer.heard.length < 3) await once(peer.socket, 'data');
  peer.say(readyBody);
  t.match(await ready, { release: '6.1.0', calibrationNs: 1000 });
  t.equal(session.conversation().ready, true);
});

t.test('a run from ready to done, with what it told on the way', async (t) => {
  const { session, peer } = await guestPeer(t);
  peer.say(readyBody);
  await session.ready();
  session.start({ workload: 'lifecycle', seed: 1, iterations: 5, time: 0, entropy: '', args: {} });
  await peer.hear('start');
  peer.say({ type: 'fact', name: 'namespace.pid', value: true, evidence: 'unshare = 0' });
  peer.say({ type: 'sample', name: 'backlog', value: 12, uptime: 3 });
  peer.say(doneBody);
  t.match(await session.done(), { status: 'passed', iterations: 5 });
  t.match(session.said.facts, [{ name: 'namespace.pid', value: true }]);
  t.match(session.said.samples, [{ name: 'backlog', value: 12 }]);
  session.poweroff();
  await peer.hear('poweroff');
});

t.test('garbled lines are counted and kept as evidence, and the talk goes on', async (t) => {
  const { session, peer } = await guestPeer(t);
  const lines: string[] = [];
  session.on('garbled', (line) => lines.push(line));
  peer.socket.write('{"n":1,"crc":"00000000","body":{"type":"hello"}}\n');
  peer.say(readyBody);
  t.ok(await session.ready());
  t.equal(session.garbledFrames, 0, 'an echo from before the line was raw does not count');
  peer.socket.write('BUG: unable to handle\n');
  peer.socket.write(`${'x'.repeat(100_000)}\n`);
  peer.say(doneBody);
  t.ok(await session.done());
  t.strictSame(lines.slice(1), ['BUG: unable to handle']);
  t.equal(session.garbledFrames, 2);
});

t.test('frames that got lost are counted by their numbers', async (t) => {
  const { session, peer } = await guestPeer(t);
  peer.say(readyBody, 40);
  peer.say({ type: 'note', text: 'a' }, 41);
  peer.say(doneBody, 45);
  await session.done();
  t.equal(session.missingFrames, 3);
});

t.test('the end of the channel ends what waits', async (t) => {
  const { session, peer } = await guestPeer(t);
  const done = session.done();
  peer.socket.end();
  t.equal(await done, null);
  t.equal(await session.ready(), null);
  t.strictSame(session.conversation(), { ready: false, done: null, longestGapSeconds: 0, cameBack: false });
});

t.test('an abort ends what waits, with its reason', async (t) => {
  const { session } = await guestPeer(t);
  const controller = new AbortController();
  const ready = session.ready({ signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.rejects(ready, { message: 'enough' });
});

t.test(
  'facts and samples are kept up to a number of bytes; the rest is counted, as are frames that never came',
  async (t) => {
    const { session, peer } = await guestPeer(t);
    const [name, evidence] = ['x'.repeat(250), 'y'.repeat(4000)];
    for (let count = 0; count < 200; count++) peer.say({ type: 'fact', name, value: true, evidence });
    for (let count = 0; count < 9000; count++) peer.say({ type: 'sample', name, value: count, uptime: 1 });
    // what is small still fits
    peer.say({ type: 'fact', name: 'small', value: true, evidence: '' });
    peer.say(doneBody, 9300);
    await session.done();
    t.ok(JSON.stringify(session.said.facts).length < 256 * 1024 + 1000);
    t.ok(JSON.stringify(session.said.samples).length < 2.1 * 2 ** 20);
    t.ok(session.said.facts.length > 50 && session.said.samples.length > 5000);
    t.match(session.said.facts.at(-1), { name: 'small' });
    t.equal(session.said.facts.length + session.said.samples.length + session.said.overflow, 9201);
    t.equal(session.missingFrames, 9300 - 9201 - 1);
  },
);
