/** What the cache holds. Content addressed, verified on use, JSON-serialisable. */

import type { TreeCore } from './build/tree-core.js';

/** A kernel as unpacked or built: what a source delivers, before a guest is added. */
export interface KernelEntry {
  /** Content address: SHA-256 (hex) over the manifest of files. */
  readonly id: string;
  /** uname -r, as the kernel prints it: 6.1.0-31-cloud-amd64. */
  readonly release: string;
  /** Folder of the entry in the cache. */
  readonly folder: string;
  readonly bzImage: string;
  readonly config?: string;
  readonly systemMap?: string;
  /** Folder with lib/modules/RELEASE in it, modules.dep included. */
  readonly modules?: string;
  /** Archive of what modules of a kernel built here are built against; distributions' kernels have theirs in packages. */
  readonly headers?: string;
  /** One line for people: "linux-image-6.1.0-31-cloud-amd64 6.1.128-1 from bookworm (apt)". */
  readonly provenance: string;
  /** Of the tree that kmatrix built it from; absent where it came another way, or was built before this was recorded. */
  readonly core?: TreeCore;
  /** Seconds that fetching or building took, for the table of images. */
  readonly seconds: number;
}

/** An image by content alone: any host that has it in its cache can open it. */
export interface ImageReference {
  /** See Image. */
  readonly id: string;
  /** See KernelEntry. */
  readonly kernel: Pick<KernelEntry, 'id' | 'release'>;
}

/** Kernel plus initramfs: bootable. */
export interface Image extends ImageReference {
  /** SHA-256 over kernel id, initramfs bytes. */
  readonly id: string;
  readonly kernel: KernelEntry;
  /** Path of the initramfs (newc, uncompressed: old kernels may lack any decompressor). */
  readonly initramfs: string;
  /** Modules that the initramfs carries, in load order. */
  readonly modules: readonly string[];
}

/** Progress of long work: fetching, unpacking, building. */
export type ImageEvent =
  | { readonly type: 'image-step'; readonly kernel: string; readonly step: string }
  | {
      readonly type: 'image-progress';
      readonly kernel: string;
      readonly step: string;
      readonly fraction: number;
    }
  /** What weakens the proof of an image's origin, though its row accepts it: an expired key, a digest of MD5 alone. */
  | { readonly type: 'image-warning'; readonly kernel: string; readonly warning: string }
  | {
      readonly type: 'image-ready';
      readonly kernel: string;
      readonly release: string;
      readonly seconds: number;
      readonly cached: boolean;
    }
  /** `of` is what can't be had: the kernel, so that nothing runs on it, or modules that only some cells want. */
  | {
      readonly type: 'image-unavailable';
      readonly kernel: string;
      readonly of: 'kernel' | 'modules' | 'userland';
      readonly reason: string;
      /** The server that can't be reached, where that is why. */
      readonly host?: string | undefined;
    };
