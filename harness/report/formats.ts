import { UsageError } from '../errors.js';
import type { ReportFormat } from './format.js';
import { json } from './json/format.js';
import { markdown } from './markdown/format.js';
import { terminal } from './terminal/format.js';

/** All formats; the first is the usual one. */
export const formats: readonly ReportFormat[] = [terminal, markdown, json];

const shortNames: Readonly<Record<string, string>> = { md: 'markdown' };

/** The formats of a comma-separated list. @throws UsageError for one that there isn't */
export const formatsOf = (text: string): ReportFormat[] => text.split(',').map(formatOf);

function formatOf(word: string): ReportFormat {
  const name = word.trim();
  const format = formats.find((known) => known.name === (shortNames[name] ?? name));
  if (format !== undefined) return format;
  throw new UsageError(`no such format: ${word}`, {
    where: '--format',
    remedy: `use ${formats.map((known) => known.name).join(', ')}`,
  });
}
