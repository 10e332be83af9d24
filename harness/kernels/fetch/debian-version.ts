/**
 * Order of two Debian versions as dpkg has it (deb-version(7)): epoch, upstream version, revision; digits by value, `~`
 * before the end, letters before the rest.
 */
export function compareDebianVersions(a: string, b: string): number {
  const [x, y] = [split(a), split(b)];
  return x.epoch - y.epoch || comparePart(x.upstream, y.upstream) || comparePart(x.revision, y.revision);
}

function split(version: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

function comparePart(a: string, b: string): number {
  const [x, y] = [a.match(/\d+|\D/g) ?? [], b.match(/\d+|\D/g) ?? []];
  for (let [i, j] = [0, 0]; i < x.length || j < y.length; i++, j++) {
    const [p, q] = [x[i] ?? '', y[j] ?? ''];
    const [numeric, other] = [/^\d/.test(p), /^\d/.test(q)];
    // a missing number counts as 0, so that 1. and 1.0 are equal
    const difference =
      numeric && other ? compareNumbers(p, q) : weight(numeric ? '' : p) - weight(other ? '' : q);
    if (difference !== 0) return difference;
    if (numeric !== other) {
      const number = numeric ? p : q;
      if (Number(number) !== 0) return numeric ? 1 : -1;
      // step back on the side that has none
      if (numeric) j--;
      else i--;
    }
  }
  return 0;
}

/** Any length: dates and commit numbers are longer than a double is exact. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || (x < y ? -1 : Number(x > y));
}

function weight(character: string): number {
  if (character === '~') return -1;
  if (character === '') return 0;
  return /[A-Za-z]/.test(character) ? (character.codePointAt(0) ?? 0) : 256 + (character.codePointAt(0) ?? 0);
}
