import { compareDebianVersions } from './debian-version.js';

/**
 * The order in which packages are taken that match one pattern, for sort(): the newest version; of equal ones the shortest
 * name, which is the plainest (linux-image-6.1.0-31-amd64 before its -cloud- and -rt- sisters), then by the alphabet.
 */
export const newestFirst = (
  a: { readonly name: string; readonly version: string },
  b: { readonly name: string; readonly version: string },
): number =>
  compareDebianVersions(b.version, a.version) ||
  a.name.length - b.name.length ||
  (a.name < b.name ? -1 : Number(a.name > b.name));
