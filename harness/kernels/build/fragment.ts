import { readFile } from 'node:fs/promises';
import { ImageError, UsageError } from '../../errors.js';
import {
  inRange,
  type KernelRange,
  type KernelVersion,
  parseKernelVersion,
} from '../../versions/kernel-version.js';

/** One option that a kernel shall be built with. */
export interface RequestedOption {
  /** Today's name, without CONFIG_. */
  readonly name: string;
  /** y, n, m, a number or a quoted string. */
  readonly value: string;
  /** May this kernel come out without it? */
  readonly optional: boolean;
  /** Kernels of this version aren't known to have it (backports may): that it is missing is nothing to tell. */
  readonly beyond?: boolean;
  /** Where it was asked for: "base.config:12", "the row's config". */
  readonly origin: string;
}

/**
 * Options of a fragment file as this kernel is asked for them. A line is NAME=VALUE; a trailing remark says where the
 * option may be missing: `# optional`, `# since 3.4`, `# before 3.9`, or both ends; `# not since 3.7, before 3.12` that it
 * isn't asked for there.
 *
 * @throws ImageError at a line that is neither option, comment nor blank
 */
export async function readFragment(
  file: string,
  label: string,
  version: KernelVersion,
): Promise<RequestedOption[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(#.*)?$/.test(line)) return [];
    const origin = `${label}:${index + 1}`;
    const match = line.match(/^(\w+)=("[^"]*"|[^\s#"]+)\s*(?:#\s*(.*?)\s*)?$/);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new ImageError(`not an option: ${line}`, {
        where: `${file}:${index + 1}`,
        remedy: 'write NAME=VALUE',
      });
    }
    const remark = match[3];
    if (remark?.startsWith('not ') && inRange(version, parseRange(remark.slice(4), origin))) return [];
    const beyond = remark !== undefined && isBeyond(remark, version, origin);
    const optional = beyond || remark === 'optional';
    return [{ name: match[1], value: match[2], optional, ...(beyond && { beyond }), origin }];
  });
}

/**
 * Options that a person wrote: {SLUB_DEBUG: 'y'}; none of them is optional.
 *
 * @throws UsageError for a name or value that no kernel configuration can hold
 */
export function requestedByRow(config: Readonly<Record<string, string>>, origin: string): RequestedOption[] {
  return Object.entries(config).map(([written, value]) => {
    const name = written.replace(/^CONFIG_/, '');
    if (!/^\w+$/.test(name) || !/^(y|m|n|-?\d+|0x[\da-fA-F]+|"[^"\n\\]*")$/.test(value)) {
      throw new UsageError(`not a kernel option: ${written}=${value}`, {
        where: origin,
        remedy: 'options are NAME=y, NAME=n, NAME=m, NAME=NUMBER or NAME="text"',
      });
    }
    return { name, value, optional: false, origin };
  });
}

/** Later requests win over earlier ones of the same name. */
export const mergeOptions = (requests: readonly RequestedOption[]): RequestedOption[] => [
  ...new Map(requests.map((option) => [option.name, option])).values(),
];

/** "since 3.4" of an older kernel; what "not" leaves has no other limits. */
const isBeyond = (remark: string, version: KernelVersion, origin: string): boolean =>
  remark !== 'optional' && !remark.startsWith('not ') && !inRange(version, parseRange(remark, origin));

function parseRange(remark: string, origin: string): KernelRange {
  const match = remark.match(/^(?:since ([\d.]+))?(?:,? ?before ([\d.]+))?$/);
  const [from, before] = [match?.[1], match?.[2]].map((text) => text && parseKernelVersion(text));
  if (!match || (!from && !before)) {
    throw new ImageError(`a comment without a known meaning: ${remark}`, {
      where: origin,
      remedy:
        'write "# optional", "# since 3.4", "# before 3.9", "# since 3.4, before 3.9" or "# not since …"',
    });
  }
  return { from: from || undefined, before: before || undefined };
}
