import { Socket } from 'node:net';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { machineDescriptors } from '../../harness/vm/command-line.js';

/*
 * Speaks QMP as a QEMU that waits for a state, takes it, and then has its guest do what a real one does too rarely to be
 * waited for: the first argument says what the kernel prints between being restored and answering (JSON), the second
 * whether the machine then ends or stays, silent. The agent never answers.
 */
const [said = '""', then = 'stay'] = process.argv.slice(2);

const qmp = new Socket({ fd: machineDescriptors.qmp });
const console = new Socket({ fd: machineDescriptors.console });

const send = (message: unknown): void => void qmp.write(`${JSON.stringify(message)}\n`);
send({ QMP: { version: {}, capabilities: [] } });
createInterface({ input: qmp }).on('line', (line) => {
  const { id, execute } = JSON.parse(line) as { id: number; execute: string };
  send({ return: {}, id });
  if (execute !== 'migrate-incoming') return;
  send({ event: 'RESUME' });
  console.write(JSON.parse(said) as string, () => {
    if (then === 'end') process.exit(0);
  });
});
