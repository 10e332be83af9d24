import { execa } from 'execa';
import { HostError, ImageError } from '../../../errors.js';
import { printable } from '../../../host/printable.js';
import type { AptRoot } from './private-root.js';

export interface AptCall {
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1, as apt tells it. */
  readonly onFraction?: (fraction: number) => void;
}

/**
 * Runs apt-get or apt-cache in a private root.
 *
 * @returns what it printed, and whether it failed, with apt's own E: and W: lines
 * @throws HostError where it isn't installed, the signal's reason where it was aborted
 */
export async function runApt(
  root: AptRoot,
  program: 'apt-get' | 'apt-cache',
  words: readonly string[],
  { folder = root.folder, signal, onFraction }: AptCall = {},
): Promise<{ stdout: string; failed: boolean; complaints: string }> {
  signal?.throwIfAborted();
  const child = execa(program, [...root.options, '-q', '-o', 'APT::Status-Fd=3', ...words], {
    cwd: folder,
    env: { LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe', onFraction ? { transform: statusLines(onFraction) } : 'ignore'],
    reject: false,
    // apt-cache show of every kernel of a suite is under 2 MB
    maxBuffer: 32 * 2 ** 20,
    ...(signal && { cancelSignal: signal }),
  });
  const { stdout, stderr, failed, code, shortMessage } = await child;
  signal?.throwIfAborted();
  if (code === 'ENOENT') {
    throw new HostError(`${program} is not installed`, {
      remedy: 'rows of the apt source need Debian’s apt',
    });
  }
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').filter((line) => /^[EW]: /.test(line));
  const complaints = printable(lines.join('; ') || (failed ? (shortMessage ?? 'failed') : ''), 1000);
  if (/No space left on device|Disk quota exceeded/.test(stderr ?? '')) {
    throw new HostError('no space left', {
      where: root.folder,
      remedy: 'free space there, or set KMATRIX_CACHE',
    });
  }
  return { stdout: stdout ?? '', failed, complaints };
}

/** The same where a failure leaves nothing to go on with. */
export async function mustRunApt(
  root: AptRoot,
  program: 'apt-get' | 'apt-cache',
  words: readonly string[],
  call?: AptCall,
): Promise<string> {
  const { stdout, failed, complaints } = await runApt(root, program, words, call);
  if (failed) {
    throw new ImageError(`apt failed: ${complaints}`, {
      where: `${program} ${words.join(' ')} (${root.suite})`,
      remedy: 'check the network, http_proxy and /etc/apt',
    });
  }
  return stdout;
}

/** `dlstatus:1:23.4:Retrieving file 1 of 1` (apt's README.progress-reporting). */
const statusLines = (onFraction: (fraction: number) => void) =>
  function* (line: unknown): Generator<string> {
    const [, percent] = /^dlstatus:\d+:([\d.]+):/.exec(String(line)) ?? [];
    if (percent !== undefined) onFraction(Math.min(1, Number(percent) / 100));
    yield* [];
  };
