/**
 * A Debian-layout archive in a folder, made with the real tools (ar, tar, gpg), and a server for it on loopback that can
 * be told to misbehave.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

export type DebCompression = 'gz' | 'xz' | 'bz2' | 'zst' | 'lzma';

export interface DebRecipe {
  readonly name: string;
  readonly version: string;
  readonly compression?: DebCompression;
  /** Path in the package → bytes. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** A ready data.tar in place of one made from `files`: for what tar(1) wouldn't make. */
  readonly tar?: Uint8Array;
}

/** A file that passes for a bzImage by its boot header (Documentation/x86/boot.rst): HdrS, protocol 2.10. */
export function fakeBzImage(release: string, bytes = 8192): Buffer {
  const image = Buffer.alloc(Math.max(bytes, 8192));
  image.writeUInt8(1, 0x1f1);
  image.writeUInt32LE(0x100, 0x1f4);
  image.writeUInt16LE(0xaa55, 0x1fe);
  image.write('\xeb\x66HdrS', 0x200, 'latin1');
  image.writeUInt16LE(0x020a, 0x206);
  // kernel_version: offset from 0x200 of "RELEASE (who@where) #1 …"
  image.writeUInt16LE(0x300, 0x20e);
  image.writeUInt8(1, 0x211);
  image.write(`${release} (test@example) #1 SMP\0`, 0x500, 'latin1');
  return image;
}

/** What a kernel package of that release holds. */
export const kernelFiles = (release: string, bytes?: number): Record<string, string | Uint8Array> => ({
  [`boot/vmlinuz-${release}`]: fakeBzImage(release, bytes),
  [`boot/config-${release}`]: 'CONFIG_X86_64=y\n',
  [`boot/System.map-${release}`]: 'ffffffff81000000 T _text\n',
});

/** Writes a .deb and gives its path. */
export async function makeDeb(folder: string, recipe: DebRecipe): Promise<string> {
  const { name, version, compression = 'xz', files, tar } = recipe;
  const work = await mkdtemp(join(tmpdir(), 'kmatrix-deb-'));
  try {
    const at = (path: string) => join(work, path);
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(dirname(at(`data/${path}`)), { recursive: true });
      await writeFile(at(`data/${path}`), bytes);
    }
    await mkdir(at('data'), { recursive: true });
    await mkdir(at('control'));
    await writeFile(at('control/control'), control(recipe));
    await writeFile(at('debian-binary'), '2.0\n');
    await execa('tar', ['-C', at('control'), '-czf', at('control.tar.gz'), './control']);
    if (tar === undefined)
      await execa('tar', ['-C', at('data'), '--owner=0', '--group=0', '-cf', at('data.tar'), '.']);
    else await writeFile(at('data.tar'), tar);
    await execa(compressors[compression][0], [...compressors[compression].slice(1), at('data.tar')]);
    const deb = join(folder, `${name}_${version.replace(/^\d+:/, '')}_amd64.deb`);
    await rm(deb, { force: true });
    await execa('ar', ['rcSD', deb, 'debian-binary', 'control.tar.gz', `data.tar.${compression}`], {
      cwd: work,
    });
    return deb;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const control = ({ name, version }: DebRecipe): string =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: nobody\nDescription: a test\n`;

const compressors: Readonly<Record<DebCompression, readonly [string, ...string[]]>> = {
  gz: ['gzip', '-n'],
  xz: ['xz'],
  bz2: ['bzip2'],
  zst: ['zstd', '-q', '--rm'],
  lzma: ['xz', '--format=lzma'],
};

export interface ArchiveRecipe {
  readonly suite: string;
  readonly packages: readonly DebRecipe[];
  /** Suffixes of the Packages files. */
  readonly indices?: readonly ('.xz' | '.gz' | '.bz2' | '.lzma' | '')[];
  /** Sections of the Release file and fields of the Packages file. */
  readonly digests?: readonly ('sha256' | 'sha1' | 'md5')[];
  readonly release?: Readonly<Record<string, string>>;
  /** Last word on the text of the Packages file. */
  readonly edit?: (packages: string) => string;
  /** Size of the plain Packages file as the Release file has it, where it shall lie. */
  readonly packagesBytes?: number;
}

/** Writes pool/ and dists/ with Release, unsigned. */
export async function makeArchive(folder: string, recipe: ArchiveRecipe): Promise<void> {
  const { suite, packages, indices = ['.xz', '.gz'], digests = ['sha256', 'sha1', 'md5'], edit } = recipe;
  const pool = join(folder, 'pool/main/l/linux');
  await mkdir(pool, { recursive: true });
  const stanzas = [];
  for (const one of packages) {
    const deb = await makeDeb(pool, one);
    const path = `pool/main/l/linux/${deb.slice(pool.length + 1)}`;
    const fields = digests.map((name) => `${fieldOf[name]}: `);
    const sums = await Promise.all(digests.map((name) => sum(name, deb)));
    const lines = fields.map((field, index) => `${field}${sums[index]}\n`).join('');
    stanzas.push(`${control(one)}Filename: ${path}\nSize: ${(await stat(deb)).size}\n${lines}`);
  }
  const text = stanzas.join('\n');
  await writeIndices(folder, recipe, edit ? edit(text) : text, indices, digests, suite);
}

const fieldOf = { sha256: 'SHA256', sha1: 'SHA1', md5: 'MD5sum' } as const;

async function writeIndices(
  folder: string,
  { release = {}, packagesBytes }: ArchiveRecipe,
  packages: string,
  indices: readonly string[],
  digests: readonly ('sha256' | 'sha1' | 'md5')[],
  suite: string,
): Promise<void> {
  const dists = join(folder, 'dists', suite);
  const base = 'main/binary-amd64/Packages';
  await mkdir(join(dists, dirname(base)), { recursive: true });
  await writeFile(join(dists, base), packages);
  const tools: Record<string, readonly string[]> = {
    '.xz': ['xz', '-kf'],
    '.gz': ['gzip', '-nkf'],
    '.bz2': ['bzip2', '-kf'],
    '.lzma': ['xz', '--format=lzma', '-kf'],
  };
  for (const suffix of indices) {
    const [tool, ...words] = tools[suffix] ?? [];
    if (tool !== undefined) await execa(tool, [...words, join(dists, base)]);
  }
  const names = [...new Set(['', ...indices])].map((suffix) => base + suffix);
  const sections = await Promise.all(
    digests.map(async (name) => {
      const lines = await Promise.all(
        names.map(async (file) => {
          const size =
            file === base && packagesBytes !== undefined
              ? packagesBytes
              : (await stat(join(dists, file))).size;
          return ` ${await sum(name, join(dists, file))} ${size} ${file}\n`;
        }),
      );
      return `${{ sha256: 'SHA256', sha1: 'SHA1', md5: 'MD5Sum' }[name]}:\n${lines.join('')}`;
    }),
  );
  const fields = { Origin: 'Test', Suite: suite, Codename: suite, Components: 'main', ...release };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(join(dists, 'Release'), head.join('') + sections.join(''));
}

const sum = async (algorithm: string, path: string): Promise<string> =>
  createHash(algorithm)
    .update(await readFile(path))
    .digest('hex');

/** A throw-away key pair in a home of its own. */
export interface SigningKey {
  readonly home: string;
  /** File that gpgv takes. */
  readonly keyring: string;
  /** Signs dists/SUITE/Release: `inline` as InRelease, else as Release.gpg. */
  readonly sign: (
    folder: string,
    suite: string,
    how: 'inline' | 'detached',
    ...more: string[]
  ) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** @param expired made and used in 2010, expired in 2011 */
export async function makeKey({ expired = false } = {}): Promise<SigningKey> {
  // a short path: gpg-agent's socket lies in it (unix(7): 108 bytes)
  const home = await mkdtemp(join(tmpdir(), 'kmg-'));
  const env = { GNUPGHOME: home, LC_ALL: 'C' };
  const time = expired ? ['--faked-system-time', '20100101T000000'] : [];
  const gpg = (...words: string[]) =>
    execa(
      'gpg',
      ['--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...time, ...words],
      {
        env,
      },
    );
  await gpg(
    '--quick-generate-key',
    'Archive Test <test@example.org>',
    'rsa2048',
    'sign',
    expired ? '1y' : '0',
  );
  const keyring = join(home, 'ring.gpg');
  await gpg('--output', keyring, '--export');
  return {
    home,
    keyring,
    async sign(folder, suite, how, ...more) {
      const dists = join(folder, 'dists', suite);
      if (how === 'inline')
        await gpg(...more, '--output', join(dists, 'InRelease'), '--clearsign', join(dists, 'Release'));
      else
        await gpg(
          ...more,
          '--output',
          join(dists, 'Release.gpg'),
          '--armor',
          '--detach-sign',
          join(dists, 'Release'),
        );
    },
    async dispose() {
      await execa('gpgconf', ['--kill', 'gpg-agent'], { env, reject: false });
      await rm(home, { recursive: true, force: true });
    },
  };
}
