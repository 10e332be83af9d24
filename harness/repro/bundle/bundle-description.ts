import { z } from 'zod';
import { reportKinds } from '../../diagnosis/types.js';

const short = z.string().max(4096);
const seconds = z.number().positive().max(86_400);
const argument = z.union([short, z.number()]);
const machine = z.strictObject({
  accelerator: z.enum(['kvm', 'tcg']),
  cpus: z.number().int().min(1).max(64),
  memoryMiB: z.number().int().min(16).max(65_536),
  bootArguments: z.array(short.regex(/^[\x20-\x7e]*$/)).max(64),
});
const order = z.strictObject({
  workload: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  iterations: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31),
  time: z
    .number()
    .min(0)
    .max(2 ** 40),
  entropy: z.string().regex(/^[0-9a-f]{64}$/),
  args: z.record(z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/), argument),
});

/**
 * bundle.json: what kmatrix needs to run a bundle's machine again, and nothing that it would have to trust. Command lines
 * and scripts beside it are for people; kmatrix makes its own.
 */
export const bundleDescription = z.strictObject({
  format: z.literal(1),
  kmatrix: short,
  qemu: short,
  kernel: z.strictObject({ release: short, provenance: short, id: short }),
  cell: short,
  attempt: z.number().int().min(0),
  startedAt: short,
  machine,
  order,
  limits: z.strictObject({ workloadSeconds: seconds, graceSeconds: seconds }),
  report: z
    .object({
      kind: z.enum(reportKinds),
      title: short,
      signature: short,
      knownIssue: short.nullable(),
    })
    .nullable(),
  // QEMU records one vCPU; the time bounds how long a replay is waited for
  recording: z
    .strictObject({
      machine: machine.extend({ cpus: z.number().int().min(1).max(1) }),
      order,
      seconds: z.number().min(0).max(7200),
    })
    .nullable(),
  /** Every file but this one. */
  files: z.record(
    z.string().max(100),
    z.strictObject({ bytes: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type BundleDescription = Readonly<z.infer<typeof bundleDescription>>;
