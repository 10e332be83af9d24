import type { UserlandRecord } from '../../results/session.js';
import type { UserlandDifference } from './types.js';

/** Rows of which the two runs had two userlands, in the order of the first. */
export const userlandDifferences = (
  one: readonly UserlandRecord[],
  other: readonly UserlandRecord[],
): UserlandDifference[] =>
  one.flatMap(({ row, list, provenance, contents }) => {
    const theirs = other.find((userland) => userland.row === row);
    if (theirs === undefined || theirs.list === list) return [];
    const only = (lines: readonly string[], others: readonly string[]): string[] =>
      lines.filter((line) => !others.includes(line));
    return {
      row,
      lists: [list, theirs.list],
      provenance: [provenance, theirs.provenance],
      only: [only(contents, theirs.contents), only(theirs.contents, contents)],
    };
  });

/** Raw: bookworm: A 6dfc0e74cbda…, B 09ab…: less 590-2 amd64 in A alone, less 590-3 amd64 in B alone, 4 more. */
export function userlandText({ row, lists, only: [first, second] }: UserlandDifference): string {
  const [one, other] = lists.map((list) => `${list.slice(0, 12)}…`);
  const packages = [
    ...first.map((line) => `${line} in A alone`),
    ...second.map((line) => `${line} in B alone`),
  ];
  const shown = packages.slice(0, mostShown);
  const more = packages.length - shown.length;
  const which = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return `The userland ${row} is another: A ${one}, B ${other}: ${which}.`;
}

const mostShown = 6;
