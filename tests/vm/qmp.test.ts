import type { Socket } from 'node:net';
import t from 'tap';
import { Qmp, QmpError } from '../../harness/vm/qmp.js';
import { socketPair } from './socket-pair.js';

/** Answers every command by `reply`; the greeting and the negotiation are QEMU's. */
function play(far: Socket, reply: (command: string, id: number) => string): void {
  far.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
  far.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) {
      const { execute, id }: { execute: string; id: number } = JSON.parse(line);
      far.write(execute === 'qmp_capabilities' ? `{"return": {}, "id": ${id}}\r\n` : reply(execute, id));
    }
  });
}

async function qmp(
  t: { teardown(end: () => void): void },
  reply: (command: string, id: number) => string,
): Promise<Qmp> {
  const [near, far] = await socketPair();
  t.teardown(() => {
    near.destroy();
    far.destroy();
  });
  play(far, reply);
  const client = new Qmp(near);
  await client.ready;
  return client;
}

const kindOf = (command: Promise<unknown>): Promise<string> =>
  command.then(
    () => 'no error',
    (error: unknown) => (error instanceof QmpError ? error.kind : String(error)),
  );

t.test('answers belong to their commands, in whatever order they come', async (t) => {
  const answers: string[] = [];
  const client = await qmp(t, (command, id) => {
    answers.unshift(`{"return": "${command}", "id": ${id}}\r\n`);
    return answers.length === 2 ? answers.join('') : '';
  });
  t.strictSame(await Promise.all([client.execute('a'), client.execute('b')]), ['a', 'b']);
});

t.test('a refusal is an error with the kind and the words of QEMU', async (t) => {
  const client = await qmp(
    t,
    (_, id) => `{"id": ${id}, "error": {"class": "CommandNotFound", "desc": "no such"}}\n`,
  );
  const error = await client.execute('x').catch((thrown: unknown) => thrown);
  if (!(error instanceof QmpError)) return t.fail('no QmpError');
  t.equal(error.kind, 'CommandNotFound');
  t.match(error.message, /refuses x: no such/);
});

t.test('silence is a timeout, and the next command still works', async (t) => {
  const client = await qmp(t, (command, id) => (command === 'deaf' ? '' : `{"return": 1, "id": ${id}}\n`));
  t.equal(await kindOf(client.execute('deaf', {}, { timeoutSeconds: 0.05 })), 'Timeout');
  t.equal(await client.execute('other'), 1);
});

t.test('what is no message is passed over', async (t) => {
  const junk = [
    'not json',
    '[]',
    '{"id": "one", "return": 0}',
    '{"return": 0, "id": 99}',
    '\u0000',
    '{"event": 7}',
  ];
  const client = await qmp(t, (_, id) => `${junk.join('\n')}\n{"return": "right", "id": ${id}}\n`);
  t.equal(await client.execute('x'), 'right');
});

t.test('events are told with their data', async (t) => {
  const client = await qmp(
    t,
    (_, id) => `{"event": "SHUTDOWN", "data": {"reason": "guest-reset"}}\n{"return": {}, "id": ${id}}\n`,
  );
  const seen: unknown[] = [];
  client.on('event', (name, data) => seen.push([name, data]));
  await client.execute('x');
  t.strictSame(seen, [['SHUTDOWN', { reason: 'guest-reset' }]]);
});

t.test('the end of QEMU fails what waits, and what comes later', async (t) => {
  const [near, far] = await socketPair();
  const client = new Qmp(near);
  const waiting = kindOf(client.execute('x'));
  far.destroy();
  t.equal(await waiting, 'Closed');
  t.equal(await kindOf(client.execute('y')), 'Closed');
  t.equal(await kindOf(client.ready), 'Closed');
});
