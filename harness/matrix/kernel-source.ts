/** Where a kernel comes from. Each kind is one module in harness/images/sources/. */
export type KernelSource = AptSource | FileSource | ImportedSource | ArchiveSource | UrlSource | TreeSource;

/** A package of a suite on the mirror that this host's own apt uses. */
export interface AptSource {
  readonly kind: 'apt';
  readonly distribution: 'debian' | 'ubuntu';
  /** bookworm, or bookworm-backports. */
  readonly suite: string;
  /** Glob over package names, newest version of the last match wins: linux-image-6.1.*-cloud-amd64. */
  readonly package: string;
}

/** Files on this host; relative paths are relative to matrix.yml. */
export interface FileSource {
  readonly kind: 'file';
  readonly bzImage: string;
  readonly config?: string;
  readonly systemMap?: string;
  /** Folder that holds lib/modules/RELEASE, or RELEASE itself. */
  readonly modules?: string;
}

/** An image that `kmatrix images import` or `images build` put into the cache under this name. */
export interface ImportedSource {
  readonly kind: 'imported';
  readonly name: string;
}

/** A suite of a Debian-layout archive by base URL, optionally frozen at a snapshot timestamp. */
export interface ArchiveSuite {
  readonly baseUrl: string;
  /** Snapshot archives have a folder per moment below the base URL: 20110427T035506Z. */
  readonly timestamp?: string;
  readonly suite: string;
  readonly component: string;
  /** Names of key rings under /usr/share/keyrings, or paths. */
  readonly keyrings: readonly string[];
  /** Old archives are signed with keys that have expired since; accepted only where a row says so. */
  readonly acceptExpired: boolean;
}

/** A package of such a suite. */
export interface ArchiveSource extends ArchiveSuite {
  readonly kind: 'archive';
  /** Name or glob over names; the newest version wins, of equal ones the shortest name. */
  readonly package: string;
  /** Names or globs of packages that belong to it, of the same version: linux-image-extra-*-generic. */
  readonly companions?: readonly string[];
}

/** One .deb (and companions such as -extra), pinned on first use (docs/kernels.md). */
export interface UrlSource {
  readonly kind: 'url';
  readonly urls: readonly string[];
}

/**
 * A kernel source tree that kmatrix builds: a release tarball, a local folder, or a commit (and a folder) of a git
 * repository. An image in the cache under the row's id is used before any of them.
 */
export interface TreeSource {
  readonly kind: 'tree';
  /** No public place to fetch it from: whoever has the tree gives it, `kmatrix images build ROW --tree FOLDER`. */
  readonly supplied?: true;
  readonly tarball?: {
    readonly url: string;
    /** Null: what lock files and signed list say, else pinned on first use. */
    readonly sha256: string | null;
    /** Who signs its sum; kernel.org's own list for what comes from there. */
    readonly sums?: SignedSums;
  };
  readonly folder?: string;
  readonly git?: { readonly repository: string; readonly commit: string; readonly folder?: string };
  /** Extra options over the base and line fragments: {SLUB_DEBUG: 'y'}. */
  readonly config: Readonly<Record<string, string>>;
  /** Options without which a kernel isn't this row's: {AUFS_FS: 'y'}. They aren't asked for, only looked for. */
  readonly require?: Readonly<Record<string, string>>;
  /** Patch sets, applied in order: folders or git branches (images/kernels/README.md). */
  readonly patches: readonly PatchSet[];
}

/** A list of SHA-256 sums, as sha256sum(1) prints them, inside an OpenPGP signature. */
export interface SignedSums {
  readonly url: string;
  /** Of the primary key that signs it: 40 capital hexadecimal digits. */
  readonly signer: string;
  /** Where that key can be had; which key it is, the fingerprint decides. */
  readonly keyUrl: string;
  /** A file of that name in `keyrings` of the cache, or below /usr/share/keyrings, comes before it. */
  readonly keyring: string;
}

export interface PatchSet {
  readonly folder?: string;
  readonly git?: { readonly repository: string; readonly commit: string };
  /** Patch files, in order, relative to the set. */
  readonly apply: readonly string[];
  /** Files and folders copied into the tree, relative to the set. */
  readonly copy: readonly string[];
}
