import { ImageError } from '../../errors.js';
import type { TranslatedOption } from './translate-options.js';

/** A .config as a map from name (without CONFIG_) to value; what is "not set" or absent is not in it. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm))
    if (name && value) values.set(name, value);
  return values;
}

/**
 * Checks that the configuration which came out is the one that was asked for: Kconfig drops in silence what has an
 * unmet dependency.
 *
 * @returns the optional requests that were dropped
 * @throws ImageError naming each other request that was dropped or changed
 */
export function verifyConfig(
  text: string,
  options: readonly TranslatedOption[],
  where: string,
): TranslatedOption[] {
  const values = parseConfig(text);
  const dropped = options.filter(({ nameInTree, value }) => !holds(values.get(nameInTree), value));
  const wanted = dropped.filter(({ optional }) => !optional);
  if (wanted.length > 0) {
    const list = wanted.map(
      ({ name, nameInTree, value, origin }) =>
        `${nameInTree}=${value}${name === nameInTree ? '' : ` (today’s ${name})`}, asked for by ${origin}, came out as ` +
        (values.get(nameInTree) ?? 'not set'),
    );
    throw new ImageError(`the kernel’s configuration dropped ${list.join('; ')}`, {
      where,
      remedy:
        'an option that it depends on is off: look it up in the tree’s Kconfig files and ask for it too',
    });
  }
  return dropped;
}

/** A request for n is met by absence; numbers are compared as numbers since Kconfig may write hex its own way. */
function holds(actual: string | undefined, wanted: string): boolean {
  if (wanted === 'n') return actual === undefined || actual === 'n';
  if (actual === undefined) return false;
  return actual === wanted || (/^[-\d]/.test(wanted) && Number(actual) === Number(wanted));
}
