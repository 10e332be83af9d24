import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { HostError, ImageError } from '../../../errors.js';
import type { AptSource } from '../../../matrix/types.js';

/** A repository of this host's own apt configuration that carries a distribution's kernels. */
export interface Mirror {
  readonly uri: string;
  readonly component: string;
  /** Suite as configured here: bookworm, bookworm-security. */
  readonly suite: string;
  /** What stands in Signed-By: paths or fingerprints, or an armoured key; '' where the host's trusted keys count. */
  readonly signedBy: string;
}

/**
 * The mirrors of this distribution that the host's apt uses, in its order. Nothing else names a server: a host behind a
 * company mirror stays behind it.
 *
 * @throws ImageError where the host has none of that distribution, HostError without apt
 */
export async function hostMirrors(distribution: AptSource['distribution']): Promise<Mirror[]> {
  // apt tells of an origin only where lists are, and leaves out what has none: a host before its first apt-get update
  const downloaded = await indexTargets([]);
  const targets = downloaded.length > 0 ? downloaded : await indexTargets(['--no-release-info']);
  const host = await osRelease();
  const mirrors: Mirror[] = [];
  for (const target of targets) {
    if (target.component !== 'main' || !isOf(distribution, target, host)) continue;
    const signedBy = await signedByOf(target.sourcesEntry);
    mirrors.push({ uri: target.uri, component: target.component, suite: target.suite, signedBy });
  }
  if (mirrors.length > 0) return mirrors;
  const name = { debian: 'Debian', ubuntu: 'Ubuntu' }[distribution];
  throw new ImageError(`this host's apt has no ${name} mirror`, {
    where: '/etc/apt/sources.list, /etc/apt/sources.list.d',
    remedy: `add one there, or give the row another source (archive, url, file, tree)`,
  });
}

interface IndexTarget {
  readonly uri: string;
  readonly component: string;
  readonly suite: string;
  /** '' before the host's first apt-get update. */
  readonly origin: string;
  /** FILE:N, the N-th line or stanza. */
  readonly sourcesEntry: string;
}

async function indexTargets(options: readonly string[]): Promise<IndexTarget[]> {
  const format = '$(REPO_URI)\t$(COMPONENT)\t$(RELEASE)\t$(ORIGIN)\t$(SOURCESENTRY)';
  const { failed, code, stdout, stderr, shortMessage } = await execa(
    'apt-get',
    ['indextargets', ...options, '--format', format, 'Created-By: Packages'],
    { env: { LC_ALL: 'C' }, reject: false },
  );
  if (code === 'ENOENT') {
    throw new HostError('apt-get is not installed', {
      remedy: 'on this host rows need another source than apt: archive, url, file or tree',
    });
  }
  if (failed) {
    throw new HostError(`apt can't read this host's configuration: ${stderr || shortMessage}`, {
      where: '/etc/apt',
      remedy: 'run apt-get indextargets and fix what it names',
    });
  }
  return stdout.split('\n').flatMap((line) => {
    const [uri = '', component = '', suite = '', origin = '', sourcesEntry = ''] = line.split('\t');
    // an unknown field is printed as its own name
    return uri === ''
      ? []
      : { uri, component, suite, origin: origin.startsWith('$') ? '' : origin, sourcesEntry };
  });
}

interface OsRelease {
  readonly id: string;
  readonly codename: string;
}

async function osRelease(): Promise<OsRelease> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}

/** By the signed Release file where there is one yet, else by this host being of that distribution and suite. */
function isOf(distribution: string, { origin, suite }: IndexTarget, host: OsRelease): boolean {
  if (origin !== '') return origin.toLowerCase() === distribution;
  return host.id === distribution && (suite === host.codename || suite.startsWith(`${host.codename}-`));
}

async function signedByOf(sourcesEntry: string): Promise<string> {
  const [, file = '', number = '1'] = /^(.*):(\d+)$/.exec(sourcesEntry) ?? [];
  const text = await readFile(file, 'utf8').catch(() => '');
  return file.endsWith('.sources') ? ofStanza(text, Number(number)) : ofLine(text, Number(number));
}

const ofLine = (text: string, number: number): string =>
  /\[.*\bsigned-by=([^\s\]]+)/i.exec(text.split('\n')[number - 1] ?? '')?.[1] ?? '';

/** deb822 (sources.list(5)): stanzas between empty lines, continuation lines begin with a space, `.` is an empty one. */
function ofStanza(text: string, number: number): string {
  const stanzas = text
    .split(/\n[ \t]*\n/)
    .map((stanza) => stanza.replace(/^#.*\n?/gm, ''))
    .filter((stanza) => stanza.trim() !== '');
  const field = /^signed-by:((?:.*)(?:\n[ \t].*)*)/im.exec(stanzas[number - 1] ?? '')?.[1] ?? '';
  return field
    .split('\n')
    .map((line) => line.trim().replace(/^\.$/, ''))
    .join('\n')
    .trim();
}
