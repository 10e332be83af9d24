import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { HarnessBug } from '../../errors.js';
import { projectRoot } from '../../host/project.js';
import { type KernelRange, type KernelVersion, parseKernelVersion } from '../../versions/kernel-version.js';

export const optionGroups = ['necessary', 'optional', 'storage', 'network'] as const;
export type OptionGroup = (typeof optionGroups)[number];

export interface OptionName {
  readonly name: string;
  /** The versions in which it means this option. */
  readonly range: KernelRange;
  /** Only kernels with a patch set have it. */
  readonly outOfTree: boolean;
}

/** Said of an option that is on while another one has this value. */
export interface Caveat {
  readonly range: KernelRange;
  readonly option: string;
  readonly is: 'y' | 'n';
  readonly says: string;
}

export interface OptionRow {
  /** Today's name. */
  readonly option: string;
  readonly group: OptionGroup;
  /** What it is part of, in the groups of drivers; null elsewhere. */
  readonly driver: string | null;
  readonly why: string;
  /** Better off than on; `why` says what it is in the way of. */
  readonly unwanted: boolean;
  /** Whose list it is on; check-config.yml says which. */
  readonly listed: string;
  readonly names: readonly OptionName[];
  readonly needed: KernelRange;
  /** What became of it after its last version; '' where it is still there. */
  readonly gone: string;
  readonly caveats: readonly Caveat[];
}

export interface OptionTable {
  readonly titles: Readonly<Record<OptionGroup, string>>;
  readonly rows: readonly OptionRow[];
}

/** images/kernels/check-config.yml, read once. */
export function optionTable(): OptionTable {
  table ??= parseOptionTable(readFileSync(file, 'utf8'));
  return table;
}

/** @throws HarnessBug where the text breaks the schema: the file is part of kmatrix. */
export function parseOptionTable(text: string): OptionTable {
  const result = fileSchema.safeParse(parse(text));
  if (!result.success) throw new HarnessBug(z.prettifyError(result.error), { where: file });
  return { titles: result.data.groups, rows: result.data.options };
}

let table: OptionTable | undefined;
const file = join(projectRoot, 'images', 'kernels', 'check-config.yml');

// strings only: as a YAML number 3.10 would be 3.1
const version = z.string().transform((text, context): KernelVersion => {
  const parsed = parseKernelVersion(text);
  if (parsed) return parsed;
  context.addIssue({ code: 'custom', message: `not a kernel version: ${text}` });
  return z.NEVER;
});
const range = { from: version.optional(), until: version.optional() };
const symbol = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
const nameSchema = z
  .strictObject({ name: symbol, outOfTree: z.boolean().default(false), ...range })
  .transform(withRange);
const caveatSchema = z
  .strictObject({ option: symbol, is: z.enum(['y', 'n']), says: z.string(), ...range })
  .transform(withRange);
const rowSchema = z
  .strictObject({
    option: symbol,
    group: z.enum(optionGroups),
    driver: z.string().nullable().default(null),
    why: z.string(),
    unwanted: z.boolean().default(false),
    listed: z.enum(['moby', 'moby-2015', 'kmatrix']),
    names: z.array(nameSchema).min(1).optional(),
    needed: z.strictObject(range).transform(toRange).default({}),
    gone: z.string().default(''),
    caveats: z.array(caveatSchema).default([]),
    ...range,
  })
  .transform((row) => {
    const { names, range, ...rest } = withRange(row);
    return { ...rest, names: names ?? [{ name: row.option, outOfTree: false, range }] };
  });
const fileSchema = z.strictObject({
  groups: z.strictObject({
    necessary: z.string(),
    optional: z.string(),
    storage: z.string(),
    network: z.string(),
  }),
  options: z.array(rowSchema).min(1),
});

interface Ends {
  readonly from?: KernelVersion | undefined;
  readonly until?: KernelVersion | undefined;
}

function withRange<T extends Ends>({ from, until, ...rest }: T) {
  return { ...rest, range: toRange({ from, until }) };
}

function toRange({ from, until }: Ends): KernelRange {
  return { from, before: until };
}
