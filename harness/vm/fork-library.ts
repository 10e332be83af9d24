import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { keyedEntry } from '../cache/keyed-entry.js';
import { HostError } from '../errors.js';
import { findCompiler } from '../host/compiler.js';
import { sha256, sha256File } from '../host/hash.js';
import { makeFolder } from '../host/make-folder.js';
import { printable } from '../host/printable.js';
import { projectRoot } from '../host/project.js';
import { canonicalJson } from '../matrix/canonical-json.js';

/**
 * The library that lets QEMU's process be copied (images/fork-server), from the cache or compiled first.
 *
 * @returns path of the shared object
 * @throws HostError where this host has no compiler, or another processor than x86-64
 */
export async function buildForkLibrary(signal: AbortSignal): Promise<string> {
  const folder = join(projectRoot, 'images', 'fork-server');
  const files = (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).sort();
  const { command, version } = await findCompiler('musl-gcc');
  const hashes = await Promise.all(files.map((name) => sha256File(join(folder, name))));
  const key = sha256(canonicalJson([version, flags, hashes]));
  const build = async (staged: string): Promise<unknown> => {
    await makeFolder(staged);
    const sources = files.filter((name) => name.endsWith('.c')).map((name) => join(folder, name));
    const words = [...flags, '-o', join(staged, libraryFile), ...sources];
    const { failed, stderr } = await execa(command, words, { reject: false, cancelSignal: signal });
    signal.throwIfAborted();
    if (!failed) return { compiler: version };
    const error = stderr.split('\n').find((line) => /error/.test(line)) ?? '';
    throw new HostError(`the library that copies machines doesn't compile: ${printable(error, 300)}`, {
      where: folder,
      remedy: 'it is for x86_64 hosts; --start template works without it',
    });
  };
  const entry = await keyedEntry('fork-library', key, build, { signal });
  return join(entry.folder, libraryFile);
}

const libraryFile = 'fork-server.so';

/** Of no C library, so that it goes with whichever QEMU was linked to; a stack protector would want one. */
const flags = [
  ...['-shared', '-fPIC', '-nostdlib', '-ffreestanding', '-fno-stack-protector', '-fvisibility=hidden'],
  ...['-std=gnu11', '-O2', '-s', '-Wall', '-Wextra', '-Werror'],
];
