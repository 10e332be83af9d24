import process from 'node:process';
import { parseArgs } from 'node:util';
import { isMet, type Measure, missed, ratioOf } from './measure.js';

export interface BenchRequest {
  readonly kernels: readonly string[];
  /** How often each figure is taken; a measurement may multiply it. */
  readonly runs: number;
  /** Another runner's command, to be timed beside ours. */
  readonly rival: string | undefined;
}

export type Measurements = Readonly<
  Record<string, (request: BenchRequest) => AsyncIterable<Measure> | Promise<Measure[]> | Measure[]>
>;

/**
 * Takes the measurements that the command line asks for and prints their figures.
 *
 * @returns exit status: 0 every bound met, 1 a bound missed, 2 wrong command line
 */
export async function bench(args: readonly string[], measurements: Measurements): Promise<number> {
  try {
    return await measure(read(args), measurements);
  } catch (error) {
    if (!(error instanceof WrongCommandLine)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    return 2;
  }
}

class WrongCommandLine extends Error {}

const help = (names: string) => `npm run bench -- [--json] [--runs N] [--kernel ID]... [--rival COMMAND]
               [--only ${names}]

Measures kmatrix on this host, each figure beside what it is compared with, in one run. Kernels must be in the cache.

  npm run bench
  npm run bench -- --kernel vanilla-3.2 --only boot --runs 9
  npm run bench -- --only throughput --rival 'vng --run bzImage -- true'    another runner's cold boots

Exit codes: 0 every bound met; 1 a bound missed; 2 wrong command line.
`;

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        runs: { type: 'string', default: '5' },
        kernel: { type: 'string', multiple: true, default: ['debian-6.1-cloud'] },
        only: { type: 'string' },
        rival: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongCommandLine(error instanceof Error ? error.message : String(error));
  }
}

async function measure(values: ReturnType<typeof read>, measurements: Measurements): Promise<number> {
  if (values.help) {
    process.stdout.write(help(Object.keys(measurements).join(',')));
    return 0;
  }
  const runs = Number(values.runs);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new WrongCommandLine(`--runs takes a whole number from 1, not ${values.runs}`);
  const chosen = choose(measurements, values.only);
  const figures: Measure[] = [];
  for (const take of chosen) {
    // a person sees each figure as it comes: all of them take a quarter of an hour
    for await (const figure of await take({ kernels: values.kernel, runs, rival: values.rival })) {
      figures.push(figure);
      if (!values.json) process.stdout.write(`${line(figure)}\n`);
    }
  }
  if (values.json) process.stdout.write(asJson(figures));
  const misses = missed(figures);
  if (misses.length === 0) return 0;
  process.stderr.write(`bench: missed: ${misses.map(({ name }) => name).join('; ')}\n`);
  return 1;
}

/** All of them where none is named; a name that doesn't exist would measure nothing and look like success. */
function choose(measurements: Measurements, only: string | undefined) {
  const names = only === undefined ? Object.keys(measurements) : only.split(',');
  return names.map((name) => {
    const take = Object.hasOwn(measurements, name) ? measurements[name] : undefined;
    if (take) return take;
    const all = Object.keys(measurements).join(', ');
    throw new WrongCommandLine(`--only: there is no '${name}'; choose from ${all}`);
  });
}

function asJson(figures: readonly Measure[]): string {
  const all = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), met: isMet(figure) }));
  return `${JSON.stringify(all, null, 2)}\n`;
}

function line(measure: Measure): string {
  const { name, unit, value, other, target } = measure;
  const against =
    other === undefined
      ? ''
      : `, ${other.name} ${other.value.toFixed(2)} ${unit}: ratio ${ratioOf(measure).toFixed(2)}`;
  const goal =
    target === undefined ? '' : ` (${target.kind} ${target.ratio}: ${isMet(measure) ? 'met' : 'MISSED'})`;
  return `${name.padEnd(40)} ${value.toFixed(2)} ${unit}${against}${goal}`;
}
