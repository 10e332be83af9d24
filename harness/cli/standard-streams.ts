import process from 'node:process';
import { StringDecoder } from 'node:string_decoder';
import { HostError, messageOf } from '../errors.js';
import type { Streams } from '../run/command-streams.js';
import { consoleText } from './boot-lines.js';

/** This process's own streams, for a command elsewhere: bytes as they are, but for what a terminal would obey. */
export function standardStreams(): Streams {
  const sinks = { 1: sinkOf(process.stdout), 2: sinkOf(process.stderr) };
  return { input: standardInput(), output: (stream, bytes) => sinks[stream](bytes) };
}

function sinkOf(stream: NodeJS.WriteStream): (bytes: Buffer) => Promise<void> | undefined {
  const decoder = new StringDecoder('utf8');
  return (bytes) => {
    // into a file or a pipe as it came; on a terminal nothing of a guest's may move the cursor
    const hasRoom = stream.write(stream.isTTY ? consoleText(decoder.write(bytes)) : bytes);
    return hasRoom ? undefined : new Promise((resolve) => stream.once('drain', resolve));
  };
}

/** @throws HostError where it can't be read, as a folder can't */
async function* standardInput(): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of process.stdin) yield chunk;
  } catch (cause) {
    throw new HostError(`standard input can’t be read: ${messageOf(cause)}`, { cause });
  }
}
