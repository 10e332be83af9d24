import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { HostError } from '../../errors.js';
import type { SerialPort } from '../../vm/serial-port.js';

/** A console that is written to a file byte by byte. */
export interface Transcript {
  /** Resolves when more came than a recording is to have; never rejects. Ending the machine soon is its reader's task. */
  readonly full: Promise<void>;
  /**
   * Ends the file.
   *
   * @throws HostError where the machine wrote on beyond all bounds; the file system's error
   */
  close(): Promise<void>;
}

/**
 * Writes what a console says to a new file. A replay is compared with it to the byte, so that nothing may be left out: a
 * machine that floods its console is to be ended instead, and what it says until then is in the file. One that can't be
 * ended in time fills no disk: from twice the limit on nothing is written.
 *
 * @param limitBytes what a recording is to have at most
 */
export function writeTranscript(console: SerialPort, path: string, limitBytes: number): Transcript {
  const file = createWriteStream(path, { flags: 'wx' });
  const written = finished(file);
  // a full disk is told where it is waited for, and ends nothing before
  written.catch(() => {});
  let bytes = 0;
  let tellFull = (): void => {};
  const full = new Promise<void>((resolve) => {
    tellFull = resolve;
  });
  console.on('bytes', (chunk) => {
    bytes += chunk.length;
    if (bytes <= 2 * limitBytes) file.write(chunk);
    if (bytes > limitBytes) tellFull();
  });
  return {
    full,
    async close() {
      file.end();
      await written;
      if (bytes <= 2 * limitBytes) return;
      throw new HostError(`the machine flooded its console: ${bytes} bytes`, {
        where: path,
        remedy: 'record a workload that prints less',
      });
    },
  };
}
