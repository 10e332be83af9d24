import { z } from 'zod';
import type { ArchiveSuite } from './kernel-source.js';
import { archiveSuite } from './source-schema.js';

/** Where a userland's packages come from, and what is changed in it. One of the two at least is there. */
export interface UserlandSource {
  /** A suite of the mirror that this host's own apt uses. */
  readonly apt?: { readonly distribution: 'debian' | 'ubuntu'; readonly suite: string };
  /** Where the suite lies that the mirror doesn't have; beside `apt`, once it no longer has it. */
  readonly archive?: ArchiveSuite;
  /** Kernel releases: what its glibc asks for, and what it is told to be content with. */
  readonly lowered?: { readonly from: string; readonly to: string };
}

const text = z.string().min(1, 'an empty string');
const release = z.string().regex(/^\d{1,2}\.\d{1,3}\.\d{1,3}$/, 'a kernel release is three numbers: 2.6.32');

/** The keys of a row that say so. */
export const userlandSource = z.strictObject({
  apt: z.strictObject({ distribution: z.enum(['debian', 'ubuntu']), suite: text }).exactOptional(),
  archive: archiveSuite.exactOptional(),
  lowered: z.strictObject({ from: release, to: release }).exactOptional(),
});
