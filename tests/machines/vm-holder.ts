import { once } from 'node:events';
import { buildForkLibrary } from '../../harness/vm/fork-library.js';
import { ForkServer } from '../../harness/vm/fork-server.js';
import { Machine } from '../../harness/vm/machine.js';
import { testMachine } from './vm-fixture.js';

/**
 * Starts a machine in the folder named, prints QEMU's pid once the guest speaks, and holds it; with `copy` behind the folder, a
 * copy of it, whose pid comes second.
 */
const [folder = '.', how] = process.argv.slice(2);
const spec = await testMachine(folder, 'sleep');
const forkServer = new ForkServer(await buildForkLibrary(new AbortController().signal));
const machine = await Machine.start(spec, how === 'copy' ? { forkServer } : {});
if (machine.console.bytesSeen === 0) await once(machine.console, 'text');
const pids = [machine.pid];
if (how === 'copy') {
  await machine.qmp.execute('stop');
  const copy = await Machine.copyOf(forkServer);
  await copy.qmp.execute('cont');
  pids.push(copy.pid);
}
process.stdout.write(`${pids.join(' ')}\n`);
await machine.exit;
