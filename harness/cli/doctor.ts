import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import process from 'node:process';
import type { Command } from 'commander';
import { HostError, messageOf, UsageError } from '../errors.js';
import { cacheFolder } from '../host/cache.js';
import { counted } from '../host/counted.js';
import { installCommands, installPackages } from '../host/install-packages.js';
import {
  missingRequirements,
  type Requirement,
  type RequirementGroup,
  requirementGroups,
  requirements,
} from '../host/requirements.js';
import { chooseAccelerator } from '../vm/accelerator.js';
import { type KvmAnswer, probeKvm } from '../vm/probe-kvm.js';
import { findQemu } from '../vm/qemu.js';
import { forgetProbes } from '../vm/remembered-probe.js';
import { ask } from './ask.js';

interface DoctorOptions {
  readonly install?: boolean;
  readonly yes?: boolean;
  readonly group: string;
  readonly forget?: boolean;
  readonly json?: boolean;
}

export function doctorCommand(command: Command): Command {
  return command
    .command('doctor')
    .summary('check this host, install what is missing')
    .description('Checks what kmatrix needs of this host: programs, cache, memory, accelerator.')
    .option('--install', 'install what is missing with apt-get; asks first')
    .option('-y, --yes', "don't ask before installing")
    .option(
      '--group <groups>',
      `comma-separated: ${requirementGroups.join(', ')}`,
      requirementGroups.join(','),
    )
    .option('--forget', 'forget what was found about KVM on this host, and probe again')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix doctor\n  kmatrix doctor --install --yes\n  kmatrix doctor --forget\n  kmatrix doctor --json | jq .missing',
    )
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const groups = parseGroups(options.group);
  let missing = await missingRequirements(groups);
  if (missing.length > 0 && options.install) {
    await install(missing, options.yes === true);
    missing = await missingRequirements(groups);
  }
  if (options.forget) say(`${counted(await forgetProbes(), 'finding')} about KVM forgotten`);
  const host = await hostFacts(missing);
  if (options.json) print(JSON.stringify({ missing, ...host }, null, 2));
  else printTable(groups, missing, host);
  if (missing.length === 0) return;
  throw new HostError(`${missing.length} of the programs that kmatrix needs are missing`, {
    where: missing.map(({ program }) => program).join(', '),
    remedy: 'kmatrix doctor --install',
  });
}

function parseGroups(text: string): RequirementGroup[] {
  return text.split(',').map((word) => {
    const group = requirementGroups.find((known) => known === word.trim());
    if (!group) {
      throw new UsageError(`no such group: ${word}`, {
        where: '--group',
        remedy: `use ${requirementGroups.join(', ')}`,
      });
    }
    return group;
  });
}

/** Says what it will do, then asks; without a terminal only --yes or CI=true counts as consent. */
async function install(missing: readonly Requirement[], yes: boolean): Promise<void> {
  const packages = [...new Set(missing.map((requirement) => requirement.package))];
  const commands = installCommands(packages).map((words) => words.join(' '));
  say(
    `kmatrix needs these packages:\n${missing.map(({ program, package: name, why }) => `  ${name} (${program}: ${why})`).join('\n')}`,
  );
  say(`and would run:\n${commands.map((line) => `  ${line}`).join('\n')}`);
  if (!yes && !(await consent())) {
    throw new HostError('nothing was installed', {
      remedy: `run it yourself, or kmatrix doctor --install --yes`,
    });
  }
  await installPackages(missing);
}

const consent = async (): Promise<boolean> => (await ask('Go on?')) ?? process.env.CI === 'true';

interface HostFacts {
  readonly qemu: string | null;
  readonly accelerator: string | null;
  readonly acceleratorReason: string;
  /** What is known of KVM, figures in milliseconds per round of the probe guest's loop; null where it wasn't looked at. */
  readonly kvm: KvmAnswer | null;
  readonly cache: string;
  readonly cacheFreeMiB: number;
  readonly memoryFreeMiB: number;
}

async function hostFacts(missing: readonly Requirement[]): Promise<HostFacts> {
  const cache = await cacheFolder();
  const { bavail, bsize } = await statfs(cache);
  const sizes = {
    cache,
    cacheFreeMiB: Math.floor((bavail * bsize) / 2 ** 20),
    memoryFreeMiB: Math.floor(freemem() / 2 ** 20),
  };
  const none = { qemu: null, accelerator: null, kvm: null, ...sizes };
  if (missing.some(({ program }) => program.startsWith('qemu')))
    return { ...none, acceleratorReason: 'no QEMU' };
  try {
    const qemu = await findQemu();
    const kvm = await probeKvm(qemu);
    const { name, reason } = await chooseAccelerator(qemu, 'auto', { probe: async () => kvm });
    return { qemu: qemu.version, accelerator: name, acceleratorReason: reason, kvm, ...sizes };
  } catch (error) {
    return { ...none, acceleratorReason: messageOf(error) };
  }
}

function printTable(
  groups: readonly RequirementGroup[],
  missing: readonly Requirement[],
  host: HostFacts,
): void {
  for (const requirement of requirements.filter(({ group }) => groups.includes(group))) {
    const mark = missing.includes(requirement) ? 'MISSING' : 'ok';
    print(`${mark.padEnd(8)}${requirement.program.padEnd(23)} ${requirement.why} (${requirement.package})`);
  }
  print(`QEMU        ${host.qemu ?? 'none'}`);
  print(`accelerator ${host.accelerator ?? 'none'}: ${host.acceleratorReason}`);
  if (host.kvm !== null) print(`KVM         ${probedText(host.kvm)}`);
  print(`cache       ${host.cache} (${host.cacheFreeMiB} MiB free)`);
  print(`memory      ${host.memoryFreeMiB} MiB free`);
}

function probedText({ source, at }: KvmAnswer): string {
  switch (source) {
    case 'device':
      return 'not probed';
    case 'probe':
      return 'probed now; the result is not kept: the next command probes again';
    case 'remembered':
      return `probed ${at.slice(0, 16).replace('T', ' ')} UTC; remembered until this host reboots or QEMU changes (kmatrix doctor --forget probes again)`;
    default:
      return source satisfies never;
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
