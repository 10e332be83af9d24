import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { ImageError } from '../../errors.js';
import { printable } from '../../host/printable.js';

export interface BootstrapOptions {
  /** bookworm */
  readonly suite: string;
  /** File in the form of sources.list(5). */
  readonly sources: string;
  /** Packages besides the minimal system with apt. */
  readonly include: readonly string[];
  /** Folders that packages don't fill, relative to the root. */
  readonly leaveOut: readonly string[];
  /** Seconds since 1970: no file is younger. */
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** What it does now. */
  readonly onStep: (step: string) => void;
}

/**
 * A suite's minimal system with apt, as a tar stream that `read` is given: mmdebstrap's, which needs no root where the host lets users
 * have namespaces.
 *
 * @throws ImageError where mmdebstrap is missing or fails, with its own last words; what `read` throws otherwise
 */
export async function bootstrap<T>(
  options: BootstrapOptions,
  read: (tar: Readable) => Promise<T>,
): Promise<T> {
  const { suite, sources, include, leaveOut, epoch, signal, onStep } = options;
  // it takes a tree of its own away as it ends, also where this process is killed
  const running = execa(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', 'mmdebstrap'],
      ...['--variant=apt', '--format=tar', '--skip=output/dev'],
      // bookworm's default, usrmerge, brings all of perl along
      '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr',
      ...include.map((name) => `--include=${name}`),
      ...leaveOut.map((folder) => `--dpkgopt=path-exclude=/${folder}/*`),
      // a suite that is no longer looked after keeps a Release file whose date has passed; its signature counts as before
      '--aptopt=Acquire::Check-Valid-Until "false"',
      ...[suite, '-', sources],
    ],
    {
      env: { SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C' },
      cancelSignal: signal,
      stdout: 'pipe',
      buffer: { stdout: false },
      reject: false,
    },
  );
  running.stderr.on('data', (bytes: Buffer) => {
    const step = /I: (?!success)(.*?)\.*\n/.exec(bytes.toString())?.[1];
    if (step !== undefined) onStep(printable(step));
  });
  // where it ends early the tar is cut short, and its own words say why
  const reading = read(running.stdout).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const [ended, outcome] = await Promise.all([running, reading]);
  signal.throwIfAborted();
  if (ended.exitCode === 127) {
    throw new ImageError('mmdebstrap is not installed', { remedy: 'kmatrix doctor --install' });
  }
  if ('error' in outcome && !ended.failed) throw outcome.error;
  if (ended.failed) {
    throw new ImageError(`mmdebstrap made no ${suite}: ${words(ended.stderr) || ended.shortMessage}`, {
      where: sources,
      remedy:
        "run apt-get update to see whether the host's mirror answers and still has the suite; one that has left it needs an archive",
    });
  }
  return (outcome as { readonly value: T }).value;
}

/** Of apt and mmdebstrap: errors before all else. */
function words(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const errors = lines.filter(
    (line) => /^(E|Err|W):/.test(line) && !/apt-get.*failed|mmdebstrap failed/.test(line),
  );
  return printable((errors.length > 0 ? errors : lines).slice(-3).join('; '));
}
