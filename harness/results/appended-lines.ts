import { type FileHandle, open } from 'node:fs/promises';
import { cutTornLine } from './cut-torn-line.js';
import { diskError } from './disk-error.js';

/** A file of JSON lines that is only ever appended to. A line is there once it is on disk with its newline, or not at all. */
export class AppendedLines {
  readonly #file: string;
  readonly #handle: FileHandle;
  /** Bytes that are whole lines. */
  #size: number;

  /** Opens or makes the file; a line that a killed process didn't finish is cut off and kept aside. */
  static async open(file: string): Promise<AppendedLines> {
    const size = await cutTornLine(file);
    return new AppendedLines(file, await open(file, 'a'), size);
  }

  private constructor(file: string, handle: FileHandle, size: number) {
    this.#file = file;
    this.#handle = handle;
    this.#size = size;
  }

  /**
   * One append at a time: two that overlap could tear each other.
   *
   * @param what of the error, where the disk refuses
   * @throws HostError; what was appended before stays valid
   */
  async append(value: object, what: string): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    try {
      await this.#handle.writeFile(bytes);
      await this.#handle.datasync();
      this.#size += bytes.length;
    } catch (cause) {
      // part of a line may be there (write(2) on a full disk); a later append must not continue it
      await this.#handle.truncate(this.#size).catch(() => {});
      throw diskError(what, this.#file, cause);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
