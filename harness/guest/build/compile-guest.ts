import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { UsageError } from '../../errors.js';
import { findCompiler } from '../../host/compiler.js';
import { inParallel } from '../../host/in-parallel.js';
import { makeFolder } from '../../host/make-folder.js';
import { type GuestCompiler, guestSources } from './guest-key.js';

export interface GuestCompilation {
  readonly sources: string;
  readonly compiler: GuestCompiler;
  /** Folder that receives agent and workloads/NAME. */
  readonly draft: string;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: string) => void;
  readonly onFraction?: (fraction: number) => void;
}

/**
 * Static: a machine holds no C library. No strict aliasing: netlink messages are structs laid over bytes. -Os: every
 * byte is in the memory of every machine, so what a workload does not use of the library is left out, too.
 */
const flags = [
  '-static',
  '-std=c99',
  '-D_GNU_SOURCE',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Os',
  '-fno-strict-aliasing',
  '-ffunction-sections',
  '-Wl,--gc-sections',
] as const;

/** The compiler by name, and how it compiles the guest. @throws HostError where there is none */
export const guestCompiler = async (command: string): Promise<GuestCompiler> => ({
  ...(await findCompiler(command)),
  flags,
});

/** Each C file to an object of its own, two at a time; then the agent, and one program per workload. */
export async function compileGuest(compilation: GuestCompilation): Promise<void> {
  const { sources, draft } = compilation;
  const objects = join(draft, 'objects');
  const files = await guestSources(sources, /\.c$/);
  for (const folder of [objects, join(draft, 'workloads')]) await makeFolder(folder);
  let compiled = 0;
  await inParallel(files, compilersAtATime, async (file) => {
    compilation.onStep?.(`compile ${file}`);
    await run(compilation, [
      '-c',
      join(sources, file),
      `-I${join(sources, 'lib')}`,
      '-o',
      objectOf(objects, file),
    ]);
    compiled += 1;
    compilation.onFraction?.(compiled / files.length);
  });
  const of = (folder: string) => files.filter((file) => file.startsWith(`${folder}/`));
  const agent = of('agent').map((file) => objectOf(objects, file));
  const library = of('lib').map((file) => objectOf(objects, file));
  await run(compilation, ['-s', '-o', join(draft, 'agent'), ...agent, ...library]);
  await inParallel(of('workloads'), compilersAtATime, async (file) => {
    const program = join(draft, 'workloads', basename(file, '.c'));
    await run(compilation, ['-s', '-o', program, objectOf(objects, file), ...library]);
  });
  await rm(objects, { recursive: true });
}

const compilersAtATime = 2;

const objectOf = (objects: string, file: string): string =>
  join(objects, `${file.replace('/', '-').replace(/\.c$/, '')}.o`);

async function run({ compiler, signal }: GuestCompilation, words: readonly string[]): Promise<void> {
  const { failed, stderr, shortMessage, isCanceled, cause } = await execa(
    compiler.command,
    [...compiler.flags, ...words],
    { reject: false, stdin: 'ignore', ...(signal ? { cancelSignal: signal } : {}), env: { LC_ALL: 'C' } },
  );
  if (isCanceled) throw signal?.reason;
  if (!failed) return;
  const line = stderr.split('\n').find((text) => /: (?:fatal )?error: /.test(text)) ?? stderr.split('\n')[0];
  const at = /^([^:\s]+:\d+(?::\d+)?): (?:fatal )?(?:error: )?(.*)$/.exec(line ?? '');
  throw new UsageError(`the guest doesn't compile: ${at?.[2] ?? (line || shortMessage)}`, {
    where: at?.[1],
    remedy: 'fix that source; -Werror is on, so a warning counts',
    cause,
  });
}
