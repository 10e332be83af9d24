import { printable } from '../host/printable.js';
import { lineLimit } from './console-line.js';
import type { Report } from './types.js';

/**
 * The console's lines of a report, safe to print: control characters are shown, never emitted.
 *
 * @param maxLines longest result in lines; a last line says how many were left out
 */
export function excerpt(
  text: string | Buffer,
  report: Pick<Report, 'line' | 'endLine'>,
  maxLines: number,
): string {
  const console = typeof text === 'string' ? text : text.toString('latin1');
  const shown: string[] = [];
  let start = 0;
  for (let line = 1; line <= report.endLine && start <= console.length; line += 1) {
    const newline = console.indexOf('\n', start);
    const end = newline === -1 ? console.length : newline;
    if (line >= report.line) {
      if (shown.length === maxLines) {
        shown.push(`… ${report.endLine - line + 1} more lines`);
        break;
      }
      const raw = console.slice(start, Math.min(end, start + lineLimit + 1));
      shown.push(printable(raw.endsWith('\r') ? raw.slice(0, -1) : raw, lineLimit));
    }
    start = end + 1;
  }
  return shown.join('\n');
}
