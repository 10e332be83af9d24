import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { coresHere, hasWholeHost, idleCores } from '../../harness/host/cores.js';

const stat = (...fields: number[]): string => `cpu  ${fields.join(' ')}\ncpu0 1 2 3\ncpu1 1 2 3\nctxt 5\n`;

function files(folder: string, text: { stat?: string; cpuMax?: string }) {
  const paths = { stat: join(folder, 'stat'), cpuMax: join(folder, 'cpu.max') };
  writeFileSync(paths.stat, text.stat ?? '');
  if (text.cpuMax !== undefined) writeFileSync(paths.cpuMax, text.cpuMax);
  return paths;
}

t.test('idle cores are those of the time since the last look', async (t) => {
  const paths = files(t.testdir(), { stat: stat(100, 0, 100, 800, 0, 0, 0, 0, 7, 7) });
  const idle = idleCores(paths);
  // of 200 ticks of two cores 100 idled, 20 of them for a disk
  writeFileSync(paths.stat, stat(150, 10, 120, 880, 20, 5, 5, 10, 7, 7));
  t.equal(idle(), 1);
  writeFileSync(paths.stat, stat(350, 10, 120, 880, 20, 5, 5, 10, 7, 7));
  t.equal(idle(), 0, 'busy all the time');
  t.equal(idle(), 0, 'no time has passed');
  writeFileSync(paths.stat, 'nonsense');
  t.equal(idle(), 0);
});

t.test('this host tells', async (t) => {
  const idle = idleCores();
  const until = performance.now() + 200;
  while (performance.now() < until);
  const found = idle();
  t.ok(found >= 0 && found <= availableParallelism(), String(found));
});

t.test('a container’s quota bounds its cores', async (t) => {
  const folder = t.testdir();
  t.equal(coresHere(files(folder, { cpuMax: '100000 100000\n' })), 1);
  t.equal(coresHere(files(folder, { cpuMax: '50000 100000\n' })), 1, 'never none');
  t.equal(coresHere(files(folder, { cpuMax: 'max 100000\n' })), availableParallelism());
  t.equal(coresHere(files(folder, { cpuMax: '99900000 100000\n' })), availableParallelism());
  t.equal(coresHere({ stat: '', cpuMax: join(folder, 'none') }), availableParallelism());
  t.equal(hasWholeHost(files(folder, { cpuMax: '50000 100000\n' })), availableParallelism() === 1);
});
