import { once } from 'node:events';
import { Machine } from '../../harness/vm/machine.js';
import { testMachine } from './vm-fixture.js';

/** Starts a machine in the folder named, prints QEMU's pid once the guest speaks, and holds it. */
const machine = await Machine.start(await testMachine(process.argv[2] ?? '.', 'sleep'));
if (machine.console.bytesSeen === 0) await once(machine.console, 'text');
process.stdout.write(`${machine.pid}\n`);
await machine.exit;
