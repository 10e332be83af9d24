import { z } from 'zod';
import { type LineRange, lineRange } from '../versions/kernel-lines.js';
import { type UserlandSource, userlandSource } from './userland-source.js';

/**
 * One way in which attempts on a kernel differ besides their workload: storage driver, kernel arguments. Each is a section of
 * matrix.yml; ids of cells, selection, columns and expectations know no more of it than what stands here.
 */
export interface Axis {
  /** In ids of cells: storage=overlay. */
  readonly id: string;
  /** Section of matrix.yml, and the key of its patterns there. */
  readonly section: string;
  /** What older files call that section; its option was --boot-arguments then. */
  readonly formerly?: { readonly section: string; readonly option: string };
  /** --storage */
  readonly option: string;
  /** One row of it, for people. */
  readonly called: string;
  readonly plural: string;
  /** What a profile that doesn’t name it means. */
  readonly unsaid: 'every row' | 'usual row';
  /** A file without the section has its usual row alone. */
  readonly optional?: true;
  /** Does it change what the kernel is, so that its features are told apart by it? */
  readonly ofKernel: boolean;
  /** Row that ids of older runs name in full, and that is the usual one where none says so. */
  readonly usual: string;
  /** A row as it may be written. */
  readonly row: z.ZodType<WrittenAxisRow>;
}

/** What a row of an axis adds to a machine and its workload. */
export interface AxisRow {
  readonly id: string;
  /** The row of cells that don't say: their ids don't name it. */
  readonly usual: boolean;
  /** Kernel modules loaded first, where the kernel has them as modules. */
  readonly modules: readonly string[];
  /** For the workload. */
  readonly arguments: Readonly<Record<string, string | number>>;
  /** On the kernel's command line. */
  readonly kernelArguments: readonly string[];
  /** The root file system that its machines have as a disk. */
  readonly userland?: UserlandSource;
  /** What it takes; absent where it goes with everything. */
  readonly needs?: AxisNeeds;
}

/** What a row needs of the rest of a cell: an engine needs a userland, a userland a kernel from its floor on. */
export interface AxisNeeds {
  /** Kernel lines; a cell of another is unsupported. */
  readonly lines?: LineRange;
  /** By the axis's id, rows of which it needs one; a cell with another is none. */
  readonly axes: Readonly<Record<string, readonly string[]>>;
}

/** A row whose machines have a userland. */
export type UserlandRow = AxisRow & Required<Pick<AxisRow, 'userland'>>;

export const bringsUserland = (row: AxisRow): row is UserlandRow => row.userland !== undefined;

/** Ids of rows by the axis's id; usual ones are left out. */
export type UnusualRows = Readonly<Record<string, string>>;

export interface WrittenAxisRow extends Partial<Omit<AxisRow, 'id' | 'needs'>> {
  readonly needs?: { readonly lines?: LineRange; readonly [section: string]: unknown };
}

const words = z.array(z.string().min(1, 'an empty word'));
const pattern = z.string().min(1, 'an empty pattern');
/** A row as most axes have it. */
export const axisRow = z.strictObject({
  usual: z.literal(true).exactOptional(),
  modules: words.exactOptional(),
  arguments: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  kernelArguments: words.exactOptional(),
  /** Lines, and patterns under the sections of other axes. */
  needs: z
    .looseObject({ lines: lineRange.exactOptional() })
    .catchall(
      z.union([pattern.transform((one) => [one]), z.array(pattern).min(1, 'an empty list of patterns')]),
    )
    .exactOptional(),
});

/** A row that brings a userland: its own keys say where the packages come from. */
const userlandRow = axisRow
  .extend(userlandSource.shape)
  .refine(({ usual, apt, archive }) => (usual === true) === (apt === undefined && archive === undefined), {
    error: 'a userland has a source (apt, archive), and the usual row has none',
  })
  .refine(({ apt, archive }) => !apt || !archive || apt.suite === archive.suite, {
    error: 'the archive of a suite has that suite',
  })
  .transform(({ apt, archive, lowered, ...row }) =>
    apt === undefined && archive === undefined
      ? row
      : {
          ...row,
          userland: { ...(apt && { apt }), ...(archive && { archive }), ...(lowered && { lowered }) },
        },
  );

/** Id of the axis that arms of a reproduction set. */
export const kernelArguments = 'kernel-arguments';

/** In the order of columns and of their labels. */
export const usualAxes: readonly Axis[] = [
  {
    id: 'storage',
    section: 'storage',
    option: '--storage',
    called: 'storage driver',
    plural: 'storage drivers',
    unsaid: 'every row',
    ofKernel: false,
    usual: 'plain',
    row: axisRow,
  },
  {
    id: kernelArguments,
    section: 'kernelArguments',
    formerly: { section: 'boot', option: '--boot-arguments' },
    option: '--kernel-arguments',
    called: 'row of kernel arguments',
    plural: 'kernel arguments',
    unsaid: 'every row',
    ofKernel: true,
    usual: 'default',
    row: z.union([words.transform((kernelArguments) => ({ kernelArguments })), axisRow]),
  },
  {
    id: 'userland',
    section: 'userlands',
    option: '--userland',
    called: 'userland',
    plural: 'userlands',
    unsaid: 'usual row',
    optional: true,
    ofKernel: false,
    usual: 'none',
    row: userlandRow,
  },
];
