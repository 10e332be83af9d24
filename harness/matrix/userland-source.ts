import { z } from 'zod';

/** Where a userland's packages come from, and what is changed in it. */
export interface UserlandSource {
  /** A suite of the mirror that this host's own apt uses. */
  readonly apt: { readonly distribution: 'debian' | 'ubuntu'; readonly suite: string };
  /** Kernel releases: what its glibc asks for, and what it is told to be content with. */
  readonly lowered?: { readonly from: string; readonly to: string };
}

const text = z.string().min(1, 'an empty string');
const release = z.string().regex(/^\d{1,2}\.\d{1,3}\.\d{1,3}$/, 'a kernel release is three numbers: 2.6.32');

/** The keys of a row that say so. */
export const userlandSource = z.strictObject({
  apt: z.strictObject({ distribution: z.enum(['debian', 'ubuntu']), suite: text }).exactOptional(),
  lowered: z.strictObject({ from: release, to: release }).exactOptional(),
});
