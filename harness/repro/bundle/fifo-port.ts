import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { SerialPort } from '../../vm/serial-port.js';

/** A serial port of a machine over QEMU's pipe chardev: PATH.in to the guest, PATH.out from it. */
export interface FifoPort {
  readonly port: SerialPort;
  /** Reads what is left and ends the port; call it when the machine has ended. */
  readonly close: () => void;
}

/**
 * Opens the host's end of two fifos that exist.
 *
 * A recording needs them: QEMU retries a write that finds its buffer full when the host lets it, and that moment is no
 * part of the log. A UNIX socket is full after 278 writes of a byte, measured, a fifo after 64 KiB.
 */
export function openFifoPort(path: string): FifoPort {
  // for reading and writing: opening waits for nobody (fifo(7)), and reading doesn't end before QEMU has begun
  const flags = constants.O_RDWR | constants.O_NONBLOCK;
  const input = openSync(`${path}.in`, flags);
  const rest = openSync(`${path}.out`, flags);
  const output = new Socket({ fd: openSync(`${path}.out`, flags), writable: false });
  const both = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writeSync(input, chunk);
      done();
    },
  });
  output.on('data', (chunk) => both.push(chunk));
  output.on('error', () => {});
  return {
    port: new SerialPort(both),
    close() {
      output.destroy();
      for (const chunk of leftIn(rest)) both.push(chunk);
      both.push(null);
      for (const descriptor of [input, rest]) closeSync(descriptor);
    },
  };
}

/** A fifo that is empty says EAGAIN. */
function* leftIn(descriptor: number): Generator<Buffer> {
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024);
    let bytes: number;
    try {
      bytes = readSync(descriptor, chunk);
    } catch {
      return;
    }
    yield chunk.subarray(0, bytes);
  }
}
