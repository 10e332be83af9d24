import { createReadStream } from 'node:fs';

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Ended by a newline; the last line of a file that was cut short isn't. */
  readonly complete: boolean;
}

/** No attempt comes near this; more is damage, and is given up in pieces instead of filling memory. */
const maximumBytes = 64 * 1024 * 1024;

/** The lines of a UTF-8 file, streamed; none where the file isn't there. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let number = 0;
  const take = (complete: boolean): Line => {
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    bytes = 0;
    return { text, number: ++number, complete };
  };
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      const data: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      let from = 0;
      for (let newline = data.indexOf(10); newline >= 0; newline = data.indexOf(10, from)) {
        parts.push(data.subarray(from, newline));
        from = newline + 1;
        yield take(true);
      }
      if (from < data.length) parts.push(data.subarray(from));
      bytes += data.length - from;
      if (bytes > maximumBytes) yield take(false);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  if (bytes > 0) yield take(false);
}
