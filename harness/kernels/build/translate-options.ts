import { closest, distance } from 'fastest-levenshtein';
import { ImageError } from '../../errors.js';
import type { RequestedOption } from './fragment.js';
import { nameInTree, type OptionNames } from './option-names.js';

/** An option under the name that the tree at hand has for it. */
export interface TranslatedOption extends RequestedOption {
  readonly nameInTree: string;
}

/**
 * Requests under the tree's own names. An optional one that the tree doesn't define under any name is left out, and so
 * is one that shall be off: what doesn't exist is off.
 *
 * @throws ImageError naming every other request that the tree doesn't define, with the nearest name that it does
 */
export function translateOptions(
  requests: readonly RequestedOption[],
  defined: ReadonlySet<string>,
  table: OptionNames,
  where: string,
): TranslatedOption[] {
  const translated = requests.map((option) => ({
    ...option,
    nameInTree: nameInTree(option.name, defined, table),
  }));
  const unknown = translated.filter(
    (option) => !option.nameInTree && !option.optional && option.value !== 'n',
  );
  if (unknown.length > 0) {
    const list = unknown.map(({ name, origin }) => `${name} (${origin}${suggestion(name, defined)})`);
    throw new ImageError(`this tree has no such option: ${list.join(', ')}`, {
      where,
      remedy: 'correct the name, or mark the option in its fragment as optional or by the lines that have it',
    });
  }
  return lastOfEachName(
    translated.flatMap((option) => (option.nameInTree ? [{ ...option, nameInTree: option.nameInTree }] : [])),
  );
}

/** Two of today's options can be one of an old tree (the lockup detectors before 4.13); the later request decides. */
const lastOfEachName = (options: readonly TranslatedOption[]): TranslatedOption[] => [
  ...new Map(options.map((option) => [option.nameInTree, option])).values(),
];

function suggestion(name: string, defined: ReadonlySet<string>): string {
  if (defined.size === 0) return '';
  const nearest = closest(name, [...defined]);
  return distance(name, nearest) <= Math.max(2, name.length / 4) ? `; is ${nearest} meant?` : '';
}
