import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { writeTranscript } from '../../harness/repro/bundle/transcript.js';
import { SerialPort } from '../../harness/vm/serial-port.js';

const limit = 1000;

async function transcribed(path: string, chunks: readonly string[]) {
  const socket = new PassThrough();
  const transcript = writeTranscript(new SerialPort(socket), path, limit);
  let full = false;
  void transcript.full.then(() => {
    full = true;
  });
  for (const chunk of chunks) {
    socket.write(chunk);
    await setImmediate();
  }
  return { transcript, full };
}

t.test('what a console says is in the file to the byte, and nobody is told that it is full', async (t) => {
  const path = join(t.testdir({}), 'console');
  const { transcript, full } = await transcribed(path, ['a\r\n', 'b'.repeat(limit - 3)]);
  await transcript.close();
  t.notOk(full);
  t.equal(await readFile(path, 'utf8'), `a\r\n${'b'.repeat(limit - 3)}`);
});

t.test('more than the limit is told, and what comes until the machine is ended is in the file', async (t) => {
  const path = join(t.testdir({}), 'console');
  const { transcript, full } = await transcribed(path, ['a'.repeat(limit), 'b', 'last words']);
  t.ok(full);
  await transcript.close();
  t.equal(await readFile(path, 'utf8'), `${'a'.repeat(limit)}blast words`);
});

t.test('a console that goes on for ever fills no disk, and makes no recording', async (t) => {
  const path = join(t.testdir({}), 'console');
  const { transcript } = await transcribed(
    path,
    Array.from({ length: 100 }, () => 'a'.repeat(limit)),
  );
  await t.rejects(transcript.close(), { name: 'HostError', message: /flooded its console: 100000 bytes/ });
  t.equal((await stat(path)).size, 2 * limit);
});
