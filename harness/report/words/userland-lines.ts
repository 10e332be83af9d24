import type { UserlandRecord } from '../../results/session.js';

/**
 * What each userland of a run was made of, one line each: `bookworm: 88 packages of bookworm (apt); their list has SHA-256
 * 6dfc0e74cbda…`.
 *
 * @param safe makes foreign text fit for where it goes, and cuts it there
 */
export const userlandLines = (
  userlands: readonly UserlandRecord[],
  safe: (text: string, most: number) => string,
): string[] =>
  userlands.map(
    ({ row, provenance, list }) =>
      `${safe(row, 60)}: ${safe(provenance, 300)}; their list has SHA-256 ${safe(list.slice(0, 12), 12)}…`,
  );
