import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { keyedEntry } from '../../cache/keyed-entry.js';
import { HarnessBug, HostError } from '../../errors.js';
import { projectRoot } from '../../host/project.js';
import { median } from '../../statistics/quantile.js';
import { compileGuest, guestCompiler } from './compile-guest.js';
import type { GuestEvent } from './guest-event.js';
import { guestKey } from './guest-key.js';

export interface GuestBuild {
  /** SHA-256 (hex) over sources, compiler and flags. */
  readonly id: string;
  /** The static binary that is PID 1 of a machine, and runs on the host too. */
  readonly agent: string;
  /** File name of a workload's source without its suffix → path of its static binary. */
  readonly workloads: ReadonlyMap<string, string>;
  /** Nanoseconds that the agent's calibration loop takes on this host, median of five. */
  calibrateOnHost(): Promise<number>;
}

export interface GuestBuildOptions {
  /** Folder with agent/, lib/ and workloads/; the project's own by default. */
  readonly sources?: string;
  readonly compiler?: string;
  readonly signal?: AbortSignal;
  /** Called with a line for people when another process builds the same guest, and before each file is compiled. */
  readonly onStep?: (step: string) => void;
  readonly onEvent?: (event: GuestEvent) => void;
}

/**
 * The guest's programs from the cache, compiled first where they are absent, older than their sources or broken.
 *
 * @throws HostError where the compiler is missing, UsageError with the compiler's own line where a source is wrong
 */
export async function buildGuest(options: GuestBuildOptions = {}): Promise<GuestBuild> {
  const sources = options.sources ?? join(projectRoot, 'images', 'guest');
  const compiler = await guestCompiler(options.compiler ?? 'musl-gcc');
  const key = await guestKey(sources, compiler);
  let began: number | undefined;
  const begin = (step: string): void => {
    began ??= performance.now();
    options.onEvent?.({ type: 'guest-step', step });
  };
  const compile = async (draft: string): Promise<unknown> => {
    begin(compiling);
    const onFraction = (fraction: number): void =>
      options.onEvent?.({ type: 'guest-progress', step: compiling, fraction });
    await compileGuest({ ...options, sources, compiler, draft, onFraction });
    return { compiler: compiler.version };
  };
  const { folder } = await keyedEntry('guest-programs', key, compile, {
    onWait: () => {
      options.onStep?.('another process builds the guest');
      begin('waiting for another kmatrix, which is compiling the guest programs');
    },
    signal: options.signal,
  });
  // whoever compiled them: the wait for another process is over, too
  if (began !== undefined)
    options.onEvent?.({ type: 'guest-ready', seconds: (performance.now() - began) / 1000 });
  return describe(key, folder);
}

const compiling =
  'compiling the guest programs, as they are not in the cache yet (usually ten to thirty seconds)';

async function describe(id: string, folder: string): Promise<GuestBuild> {
  const agent = join(folder, 'agent');
  const names = (await readdir(join(folder, 'workloads'))).sort();
  const workloads = new Map(names.map((name) => [basename(name), join(folder, 'workloads', name)]));
  return { id, agent, workloads, calibrateOnHost: () => calibrate(agent) };
}

async function calibrate(agent: string): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { stdout, failed, shortMessage, cause } = await execa(agent, ['--calibrate'], {
      reject: false,
      timeout: 60_000,
    });
    if (failed) {
      throw new HostError(`the guest's agent doesn't run on this host: ${shortMessage}`, {
        where: agent,
        remedy: 'kmatrix needs an x86_64 host whose cache folder is not mounted noexec',
        cause,
      });
    }
    rounds.push(Number(stdout));
  }
  const typical = median(rounds);
  if (!(typical > 0)) {
    throw new HarnessBug(`the calibration loop printed no time: ${rounds.join(', ')}`, { where: agent });
  }
  return typical;
}
