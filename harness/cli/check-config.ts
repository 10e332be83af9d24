import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import pc from 'picocolors';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { checkConfig, configSummary } from '../kernels/config/check-config.js';
import { findCachedKernel, meansFile } from '../kernels/config/find-cached-kernel.js';
import type { KernelConfig } from '../kernels/config/kernel-config.js';
import { readKernelConfig } from '../kernels/config/read-kernel-config.js';
import { loadMatrix } from '../matrix/load.js';
import { configLines } from '../report/terminal/config-check.js';

interface CheckConfigOptions {
  readonly matrix: string;
  readonly release?: string;
  readonly json?: boolean;
}

export function checkConfigCommand(command: Command): Command {
  return command
    .command('check-config')
    .summary("say what a kernel's configuration lacks for containers")
    .description(
      'Judges a kernel configuration by what containers need, with the options and names that the kernel’s own ' +
        'version has. KERNEL is a row of the matrix, an imported name or a release in the cache; FILE is a .config, ' +
        'a config.gz, or a bzImage or vmlinux built with CONFIG_IKCONFIG.',
    )
    .argument('<kernel-or-file>', 'kernel in the cache, or file; - is standard input')
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--release <version>', 'judge as this version (needed where a file doesn’t say)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix check-config /proc/config.gz\n  kmatrix check-config /boot/config-$(uname -r)\n' +
        '  kmatrix check-config debian-6.1-cloud --json | jq .necessary.missing\n' +
        '  ssh host zcat /proc/config.gz | kmatrix check-config -\n' +
        '\nExit codes: 0 all that is generally necessary is there; 1 some of it is missing;\n2 wrong input.',
    )
    .action(run);
}

async function run(name: string, options: CheckConfigOptions): Promise<void> {
  const { config, release } = await find(name, options.matrix);
  const version = options.release ?? config.version ?? release;
  if (version === undefined) {
    throw new UsageError('the configuration doesn’t say of which kernel version it is', {
      where: name,
      remedy: 'give it: --release 3.2.71',
    });
  }
  const verdict = checkConfig(config, version);
  if (options.json) {
    const { version: judgedAs, ...groups } = verdict;
    const document = { kernel: name, version: judgedAs, summary: configSummary(verdict), ...groups };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const colourful = process.stdout.isTTY === true && pc.isColorSupported;
    process.stdout.write(`${configLines(name, verdict, colourful).join('\n')}\n`);
  }
  if (!verdict.necessary.ok) process.exitCode = 1;
}

async function find(
  name: string,
  matrix: string,
): Promise<{ readonly config: KernelConfig; readonly release?: string }> {
  if (meansFile(name)) {
    return { config: await readKernelConfig(name === '-' ? process.stdin : name, fileName(name)) };
  }
  const { config, bzImage, release } = await findCachedKernel(name, (await loadMatrix(matrix)).kernels);
  return { config: await readKernelConfig(config ?? bzImage, name), release };
}

const fileName = (name: string): string => (name === '-' ? 'standard input' : name);
