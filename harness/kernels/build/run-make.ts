import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';
import { HostError, ImageError } from '../../errors.js';
import { endGroup } from '../../host/end-group.js';
import { withFileErrors } from '../../host/file-errors.js';
import { failingLines } from './failing-lines.js';
import type { MakeCall } from './make-words.js';

export interface MakeOptions {
  readonly targets: readonly string[];
  readonly jobs: number;
  /** What the targets are for, for messages: "building 3.2.71". */
  readonly purpose: string;
  /** Appended to. */
  readonly log: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called with each line that it says. */
  readonly onLine?: (line: string) => void;
  /** Called with the number of objects made so far. */
  readonly onObject?: (count: number) => void;
}

/**
 * Runs make; everything it says goes to the log.
 *
 * @returns how many objects it compiled
 * @throws ImageError with the first lines that say why it failed and the log's path; HostError for a full disk
 */
export async function runMake(call: MakeCall, options: MakeOptions): Promise<number> {
  const { targets, jobs, purpose, log, signal, onLine, onObject } = options;
  const output = createWriteStream(log, { flags: 'a' });
  // listens from the start: a stream whose error nobody hears ends the process
  const written = withFileErrors(log, () => finished(output));
  written.catch(() => undefined);
  let objects = 0;
  const told: string[] = [];
  // setpriv: make and its children end when this process is killed; make passes SIGTERM on to its jobs
  const make = execa('setpriv', ['--pdeathsig', 'TERM', 'make', `-j${jobs}`, ...call.words, ...targets], {
    env: { ...call.environment, ...options.environment },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // a process group of its own, so that an interrupted build ends whole: recipes' children aren't make's
    detached: true,
  });
  const interrupt = (): void => endGroup(make.pid);
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    for await (const line of make.iterable({ from: 'all' })) {
      output.write(`${line}\n`);
      onLine?.(line);
      if (objectLine.test(line)) {
        objects += 1;
        onObject?.(objects);
      }
      told.push(line.slice(0, 1000));
      if (told.length > 20_000) told.splice(0, 10_000);
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    output.end();
  }
  await written;
  const { failed, code, shortMessage } = await make;
  signal.throwIfAborted();
  if (!failed) return objects;
  if (code === 'ENOENT') {
    throw new HostError('setpriv (util-linux) is not installed', { remedy: 'run kmatrix doctor --install' });
  }
  if (told.some((line) => /No space left on device/.test(line))) {
    throw new HostError(`${purpose}: no space left on device`, {
      where: log,
      remedy:
        'free space (a kernel needs about 2 GB while it builds), or name another folder in KMATRIX_CACHE',
    });
  }
  const why = failingLines(told);
  throw new ImageError(`${purpose} failed: ${why.length > 0 ? why.join('; ') : shortMessage}`, {
    where: log,
    remedy:
      'what a kernel needs of today’s tools is written down in images/kernels/quirks.yml; this may be one more',
  });
}

const objectLine = /^ {2}(CC|AS|LDS|HOSTCC)\b/;
