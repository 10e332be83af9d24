import type { ConfigVerdict } from './check-config.js';

/** For a column of the table: `ok`, or `lacks MEMCG, VETH and 3 more`. Today's names, so that rows compare. */
export function configSummary({ necessary }: ConfigVerdict, limit = 4): string {
  if (necessary.ok) return 'ok';
  const shown = necessary.missing.slice(0, limit);
  const rest = necessary.missing.length - shown.length;
  return `lacks ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
