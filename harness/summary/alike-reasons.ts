/** Things of which one reason is true, but for the names in it. */
export interface AlikeReasons {
  readonly names: readonly string[];
  /** Of a single one its own words; of several with `KERNEL` (`mark`) for each one's name and `*` where other names differ. */
  readonly reason: string;
}

/**
 * Groups by reason, in the order in which reasons are met: eighteen kernels behind one network that leads nowhere have one
 * reason and not eighteen. Names are file names, paths, versions and URLs of one server; words and plain numbers (an HTTP
 * status) are what the reason says.
 */
export function alikeReasons(
  things: readonly { readonly name: string; readonly reason: string }[],
  mark = 'KERNEL',
): AlikeReasons[] {
  const groups = new Map<string, { name: string; own: string; tokens: string[] }[]>();
  for (const { name, reason } of things) {
    // where it happened says nothing where that is the thing itself
    const own = reason.split('; ').filter((part) => part !== `at ${name}`);
    const tokens = own.join('; ').replace(asWord(name), mark).split(/\s+/);
    const key = tokens.map(withoutName).join(' ');
    const group = groups.get(key) ?? [];
    group.push({ name, own: own.join('; '), tokens });
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const names = group.map(({ name }) => name);
    if (first === undefined || group.length === 1) return { names, reason: first?.own ?? '' };
    const columns = first.tokens.map((_, at) => group.map(({ tokens }) => tokens[at] ?? ''));
    return { names, reason: columns.map(patternOf).join(' ') };
  });
}

/** Not as a part of a longer name: vanilla-3.7 isn't meant in vanilla-3.7-fixed. */
const asWord = (name: string): RegExp =>
  new RegExp(`(?<![\\w.-])${name.replace(/[^\w-]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g');

/** What is left of a word where a name stands in it: the mark, the server of a URL, and punctuation. */
function withoutName(token: string): string {
  const punctuation = /[;:,.)]*$/.exec(token)?.[0] ?? '';
  const word = token.slice(0, token.length - punctuation.length);
  const server = /^\w+:\/\/[^/]+\//.exec(word)?.[0];
  if (server !== undefined) return `${server}*${punctuation}`;
  return isName(word) ? `*${punctuation}` : token;
}

const isName = (word: string): boolean =>
  word.includes('/') || (/\d/.test(word) && (/[a-z]/i.test(word) ? /[-._]/ : /\d\.\d/).test(word));

/** linux-3.2.71.tar.xz and linux-3.0.101.tar.xz: linux-*.tar.xz. What they share ends where a name's part does. */
function patternOf(words: readonly string[]): string {
  const [first = '', ...others] = words;
  if (others.every((word) => word === first)) return first;
  const shortest = Math.min(...words.map(({ length }) => length));
  const same = (at: (word: string) => string | undefined): boolean =>
    others.every((word) => at(word) === at(first));
  let head = 0;
  while (head < shortest && same((word) => word[head])) head++;
  let tail = 0;
  while (tail < shortest - head && same((word) => word.at(-1 - tail))) tail++;
  const start = /^.*[-/_=:(]/.exec(first.slice(0, head))?.[0] ?? '';
  const end = /(?:\.[a-z]|[-/_;:,)]).*$/i.exec(first.slice(first.length - tail))?.[0] ?? '';
  return `${start}*${end}`;
}
