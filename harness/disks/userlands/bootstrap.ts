import { execa } from 'execa';
import { HostError, ImageError } from '../../errors.js';
import { endGroup } from '../../host/end-group.js';
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
 * Writes a suite's minimal system with apt into a tar file: mmdebstrap's, which needs no root where the host lets users have
 * namespaces and subordinate ids (/etc/subuid).
 *
 * @param tar path of the file
 * @throws ImageError where mmdebstrap is missing or fails, with its own last words
 */
export async function bootstrap(
  tar: string,
  { suite, sources, include, leaveOut, epoch, signal, onStep }: BootstrapOptions,
): Promise<void> {
  const words = [
    ...['--variant=apt', '--format=tar', '--skip=output/dev,check/signed-by'],
    // bookworm's default, usrmerge, brings all of perl along
    '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr',
    // what dpkg and init needed in Debian 8 and before; it looks for itself which suite that is
    '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-jessie-or-older',
    ...include.map((name) => `--include=${name}`),
    ...leaveOut.map((folder) => `--dpkgopt=path-exclude=/${folder}/*`),
    // a suite that is no longer looked after keeps a Release file whose date has passed; its signature counts as before
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...[suite, tar, sources],
  ];
  const running = execa('setpriv', ['--pdeathsig', 'TERM', 'mmdebstrap', ...words], {
    env: { SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C' },
    stdin: 'ignore',
    // a process group of its own: it signals all of that when it fails
    detached: true,
    reject: false,
  });
  running.stderr.on('data', (bytes: Buffer) => {
    const step = /I: (?!success)(.*?)\.*\n/.exec(bytes.toString())?.[1];
    if (step !== undefined) onStep(printable(step));
  });
  // all of them: it waits for what it started, and then takes its tree away
  const interrupt = (): void => endGroup(running.pid);
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  const { failed, exitCode, stderr, shortMessage } = await running;
  signal.removeEventListener('abort', interrupt);
  signal.throwIfAborted();
  if (!failed) return;
  if (exitCode === 127) {
    throw new ImageError('mmdebstrap is not installed', { remedy: 'kmatrix doctor --install' });
  }
  if (/No space left on device/.test(stderr)) {
    throw new HostError(`no space left for a userland of ${suite}`, {
      where: tar,
      remedy: 'free space (it needs about 1 GB while it is made, in TMPDIR and in the cache)',
    });
  }
  throw new ImageError(`mmdebstrap made no ${suite}: ${lastWords(stderr) || shortMessage}`, {
    where: sources,
    remedy: "run apt-get update to see whether the host's mirror answers and still has the suite",
  });
}

/** Of apt and mmdebstrap: errors before all else. */
function lastWords(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const errors = lines.filter(
    (line) => /^(E|Err|W):/.test(line) && !/apt-get.*failed|mmdebstrap failed/.test(line),
  );
  return printable((errors.length > 0 ? errors : lines).slice(-3).join('; '));
}
