import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ImageError } from '../../errors.js';
import { projectRoot } from '../../host/project.js';
import { inRange, type KernelVersion, parseKernelVersion } from '../../versions/kernel-version.js';

/** What some kernels need of today's tools: a record of images/kernels/quirks.yml, whose head explains the fields. */
export type Quirk = z.infer<typeof quirkSchema>;
export type QuirkEdit = z.infer<typeof editSchema>;

const versionSchema = z.string().transform((text, context): KernelVersion => {
  const version = parseKernelVersion(text);
  if (version) return version;
  context.addIssue({ code: 'custom', message: `not a kernel version: ${text}` });
  return z.NEVER;
});

/** Inside the tree, or inside images/kernels/files. */
const pathSchema = z
  .string()
  .regex(/^[\w{}.+-]+(\/[\w{}.+-]+)*$/)
  .refine((path) => !path.split('/').includes('..'), 'leaves its folder');

const editSchema = z.strictObject({
  file: pathSchema,
  find: z.string().min(1),
  replace: z.string(),
  mended: z.array(z.string().min(1)).default([]),
  optional: z.boolean().default(false),
  when: z.strictObject({ file: pathSchema, contains: z.string().min(1) }).optional(),
  count: z.int().min(1),
});

const quirkSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  from: versionSchema.optional(),
  before: versionSchema.optional(),
  gcc: z.int().min(1).default(1),
  symptom: z.string().min(1),
  reason: z.string().min(1),
  compiler: z.array(z.string()).default([]),
  linker: z.array(z.string()).default([]),
  host: z.array(z.string()).default([]),
  edits: z.array(editSchema).default([]),
  files: z.array(z.strictObject({ from: pathSchema, to: pathSchema })).default([]),
});

export const quirksFile = join(projectRoot, 'images/kernels/quirks.yml');

/**
 * The quirks that a kernel needs with this compiler, in file order.
 *
 * @param gcc major version of the compiler
 * @throws ImageError where the file doesn't parse, naming the record
 */
export async function quirksFor(
  version: KernelVersion,
  gcc: number,
  file: string = quirksFile,
): Promise<Quirk[]> {
  const result = z.array(quirkSchema).safeParse(parse(await readFile(file, 'utf8')));
  if (!result.success) {
    throw new ImageError(`the quirks don't parse: ${z.prettifyError(result.error)}`, { where: file });
  }
  return result.data.filter((quirk) => inRange(version, quirk) && gcc >= quirk.gcc);
}
