/** A source tree or patch set that is known by its content and can be copied out; opening it copies nothing. */
export interface OpenedTree {
  /** Says what is in it: same hash, same files. Of a folder it takes seconds, and any of its files may be unreadable. */
  readonly hash: () => Promise<string>;
  /** For people and for provenance, without paths of this host: "linux-3.2.71.tar.xz", "a supplied tree". */
  readonly description: string;
  /** Did a signed list have its hash? */
  readonly isSigned?: boolean;
  /** A text file of it, undefined where there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Copies it into an existing, empty folder; answers with the files that the source itself lacks (absent git blobs). */
  readonly copyTo: (folder: string) => Promise<readonly string[]>;
}
