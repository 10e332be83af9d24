import { UsageError } from '../../errors.js';
import { printable } from '../../host/printable.js';

/** A kernel's .config as data. */
export interface KernelConfig {
  /** Without CONFIG_; `y`, `m`, a number or a quoted string as written. An option that is listed as unset is `n`. */
  readonly values: ReadonlyMap<string, string>;
  /** From its own header line; null where it has none. */
  readonly version: string | null;
}

/**
 * Reads the text of a .config: what kconfig writes and nothing else, so that a file that was cut or mixed up is an error
 * and not a kernel without options.
 *
 * @param where name of the file, for errors
 * @throws UsageError naming the line
 */
export function parseKernelConfig(text: string, where: string): KernelConfig {
  const values = new Map<string, string>();
  let version: string | null = null;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const assignment = assigned.exec(line) ?? unset.exec(line);
    // kconfig lets the last of two assignments win (scripts/kconfig/confdata.c, conf_read_simple)
    if (assignment?.[1] !== undefined) values.set(assignment[1], assignment[2] ?? 'n');
    else if (line.startsWith('#') || line.trim() === '') version ??= headers.exec(line)?.[1] ?? null;
    else throw notConfiguration(`line ${index + 1} is no configuration line: ${printable(line, 80)}`, where);
  }
  if (values.size === 0) throw notConfiguration('no line of it sets an option', where);
  return { values, version };
}

const assigned = /^CONFIG_(\w+)=(y|m|n|-?\d+|0x[\da-fA-F]+|".*")\s*$/;
const unset = /^# CONFIG_(\w+) is not set$/;
/** "# Linux kernel version: 2.6.32" before 2.6.38, "# Linux/x86_64 3.2.71 Kernel Configuration" since. */
const headers = /^# Linux(?: kernel version:|\/\S+) (\d+\.\d+\S*)/;

function notConfiguration(what: string, where: string): UsageError {
  return new UsageError(`this is not a kernel configuration: ${what}`, {
    where,
    remedy: 'give a .config, /boot/config-RELEASE, a config.gz, or a kernel built with CONFIG_IKCONFIG',
  });
}
