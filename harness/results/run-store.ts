import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import writeFileAtomic from 'write-file-atomic';
import { HarnessBug, UsageError } from '../errors.js';
import type { Lock } from '../host/lock.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import type { Cell, Selection } from '../matrix/types.js';
import type { StartWish } from '../schedule/boot/opened.js';
import type { AttemptResult } from '../schedule/types.js';
import type { Accelerator, Qemu } from '../vm/types.js';
import { attemptId, consoleName } from './attempt-id.js';
import type { StoredAttempt } from './attempt-schema.js';
import { cutTornLine } from './cut-torn-line.js';
import { diskError } from './disk-error.js';
import { hostFacts } from './host-facts.js';
import { type ImageRecord, type JobsRange, type RunManifest, storeVersion } from './manifest.js';
import { readAttempts, readImages, readManifest } from './read-run.js';
import { lockRun } from './run-lock.js';
import { storedCell } from './stored-cell.js';
import { withoutHostPaths } from './without-host-paths.js';

/** What is known of a run before its first attempt. */
export interface NewRun {
  /** Version of kmatrix. */
  readonly kmatrix: string;
  readonly qemu: Qemu;
  readonly accelerator: Accelerator;
  readonly matrixHash: string;
  readonly seed: number;
  readonly jobs?: JobsRange;
  readonly start?: StartWish;
  readonly selection: Selection;
  readonly cells: readonly Cell[];
}

/** Consoles larger than this are stored compressed. */
const compressAboveBytes = 256 * 1024;

const compress = promisify(gzip);

/**
 * A run's folder while it is written: run.json, images.json, attempts.jsonl, consoles/. Append-only. An attempt is
 * finished when its line with its newline is on disk, after its console. The folder is meant to be published: what would
 * name folders of this host is left out here, where it is recorded.
 */
export class RunStore {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly #attempts: FileHandle;
  readonly #lock: Lock;
  readonly #images: Map<string, ImageRecord>;
  #size: number;
  /** Appends one after the other: two interleaved writes could tear each other. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(parts: Parts) {
    this.folder = parts.folder;
    this.manifest = parts.manifest;
    this.#attempts = parts.attempts;
    this.#lock = parts.lock;
    this.#images = new Map(parts.images.map((image) => [image.kernel, image]));
    this.#size = parts.size;
  }

  /**
   * Begins a run in a folder of its own below `root`.
   *
   * @throws HostError where the folder can't be written
   */
  static async create(root: string, run: NewRun): Promise<RunStore> {
    const startedAt = new Date();
    const id = runId(startedAt);
    const folder = join(root, id);
    const { qemu, accelerator } = run;
    const manifest: RunManifest = {
      version: storeVersion,
      id,
      startedAt: startedAt.toISOString(),
      host: hostFacts(),
      ...run,
      qemu: { ...qemu, binary: basename(qemu.binary) },
      accelerator: { ...accelerator, reason: withoutHostPaths(accelerator.reason) },
      cells: run.cells.map(storedCell),
    };
    try {
      await mkdir(join(folder, 'consoles'), { recursive: true });
      await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      await (await open(join(folder, 'attempts.jsonl'), 'a')).close();
    } catch (cause) {
      throw diskError("the run's folder can't be made", folder, cause);
    }
    return await RunStore.#opened(folder, manifest);
  }

  /**
   * Goes on with a run: cuts off a line that was torn by a kill, and keeps it aside.
   *
   * @throws UsageError where the matrix or the selection isn't the one that the run was begun with, or another process
   *   writes it
   */
  static async open(folder: string, { matrixHash, selection }: ResumeWith): Promise<RunStore> {
    const manifest = await readManifest(folder);
    const remedy = 'restore what it was, or start a new run';
    if (manifest.matrixHash !== matrixHash) {
      throw new UsageError(`matrix.yml has changed since run ${manifest.id} began`, {
        where: folder,
        remedy,
      });
    }
    if (selection !== undefined && canonicalJson(manifest.selection) !== canonicalJson(selection)) {
      throw new UsageError(`run ${manifest.id} was begun with another selection`, {
        where: folder,
        remedy: `${remedy}: ${canonicalJson(manifest.selection)}`,
      });
    }
    return await RunStore.#opened(folder, manifest);
  }

  static async #opened(folder: string, manifest: RunManifest): Promise<RunStore> {
    const lock = await lockRun(join(folder, 'run.json'));
    const file = join(folder, 'attempts.jsonl');
    try {
      const size = await cutTornLine(file);
      const images = await readImages(folder);
      return new RunStore({ folder, manifest, lock, size, images, attempts: await open(file, 'a') });
    } catch (cause) {
      await lock.release();
      if (cause instanceof UsageError) throw cause;
      throw diskError("the run can't be opened", file, cause);
    }
  }

  /** The attempts that are on disk, by id (attemptId). */
  async finished(): Promise<Map<string, AttemptResult>> {
    const results = new Map<string, AttemptResult>();
    for await (const attempt of readAttempts(this.folder)) results.set(attemptId(attempt.key), attempt);
    return results;
  }

  /**
   * Puts a finished attempt on disk, console first. When this has resolved, no kill can undo it.
   *
   * @param console raw bytes of ttyS0, or their text
   * @throws HostError where the disk refuses; what was appended before stays valid, and this attempt isn't finished
   */
  append(result: AttemptResult, console: string | Uint8Array): Promise<void> {
    const appended = this.#tail.then(async () => {
      const name = await this.#writeConsole(result, Buffer.from(console));
      const line: StoredAttempt = { ...result, reason: publicReason(result), console: name };
      await this.#writeLine(`${JSON.stringify(line)}\n`);
    });
    this.#tail = appended.catch(() => {});
    return appended;
  }

  /** What a kernel row resolved to; the last word on a row counts. */
  recordImage(image: ImageRecord): Promise<void> {
    this.#images.set(image.kernel, publicImage(image));
    const file = join(this.folder, 'images.json');
    const written = this.#tail.then(async () => {
      try {
        await writeFileAtomic(file, `${JSON.stringify([...this.#images.values()], null, 2)}\n`);
      } catch (cause) {
        throw diskError("the images can't be stored", file, cause);
      }
    });
    this.#tail = written.catch(() => {});
    return written;
  }

  /** Waits for what is being written, and lets go of the folder. */
  async close(): Promise<void> {
    await this.#tail;
    await this.#attempts.close();
    await this.#lock.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #writeConsole({ key }: AttemptResult, bytes: Buffer): Promise<string> {
    if (bytes.length === 0) return '';
    const compressed = bytes.length > compressAboveBytes;
    const name = `${consoleName(key)}${compressed ? '.gz' : ''}`;
    const path = join(this.folder, name);
    try {
      await using file = await open(path, 'w');
      await file.writeFile(compressed ? await compress(bytes) : bytes);
      await file.sync();
    } catch (cause) {
      // half a console; the error to tell is the one before
      await rm(path, { force: true }).catch(() => {});
      throw diskError("the console can't be stored", path, cause);
    }
    return name;
  }

  async #writeLine(line: string): Promise<void> {
    const bytes = Buffer.from(line);
    try {
      await this.#attempts.writeFile(bytes);
      await this.#attempts.datasync();
      this.#size += bytes.length;
    } catch (cause) {
      // part of a line may be there (write(2) on a full disk); a later append must not continue it
      await this.#attempts.truncate(this.#size).catch(() => {});
      throw diskError("the attempt can't be stored", join(this.folder, 'attempts.jsonl'), cause);
    }
  }
}

interface Parts {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly attempts: FileHandle;
  readonly lock: Lock;
  readonly images: readonly ImageRecord[];
  readonly size: number;
}

export interface ResumeWith {
  readonly matrixHash: string;
  /** Compared where given; else the run's own selection goes on. */
  readonly selection?: Selection | undefined;
}

/** Reasons that are the kernel's tell of the guest; only those of this host can name its folders. */
const publicReason = ({ outcome, reason }: AttemptResult): string =>
  outcome === 'unavailable' || outcome === 'harness-error' ? withoutHostPaths(reason) : reason;

const publicImage = (image: ImageRecord): ImageRecord =>
  image.status === 'ready'
    ? { ...image, provenance: withoutHostPaths(image.provenance) }
    : { ...image, reason: withoutHostPaths(image.reason) };

/** 20261124T111500Z-3fa9: sorts by time; the suffix keeps two runs of one second apart. */
function runId(time: Date): string {
  const [stamp] = time.toISOString().replace(/[-:]/g, '').split('.');
  if (stamp === undefined) throw new HarnessBug('a date without a second');
  return `${stamp}Z-${randomBytes(3).toString('hex')}`;
}
