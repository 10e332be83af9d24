import { ImageError } from '../../errors.js';
import { printable } from '../../host/printable.js';

/**
 * Where a redirect leads.
 *
 * @param visited hrefs of this request so far
 * @param start the URL that was asked for, for errors
 * @throws ImageError for one that leads to no URL, away from https, in a circle, or on without end
 */
export function followRedirect(
  from: URL,
  location: string,
  visited: ReadonlySet<string>,
  start: string,
): URL {
  const refuse = (why: string, remedy: string) =>
    new ImageError(`${why}: ${from.href} to ${printable(location, 500)}`, { where: start, remedy });
  if (!URL.canParse(location, from.href))
    throw refuse('a redirect without a valid URL', 'name another URL in matrix.yml');
  const to = new URL(location, from);
  to.hash = '';
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:')) {
    throw refuse('a redirect away from https', 'name the place it leads to in matrix.yml if you trust it');
  }
  if (visited.has(to.href))
    throw refuse('a redirect loop', 'the server is broken; name another URL in matrix.yml');
  if (visited.size > maximumRedirects) {
    throw refuse(`more than ${maximumRedirects} redirects`, 'name the final URL itself in matrix.yml');
  }
  return to;
}

/** Browsers stop at 20, apt at 10. */
const maximumRedirects = 10;
