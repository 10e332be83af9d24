import { relative } from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import type { Screen } from '../report/format.js';

/**
 * Where a document is read: at a stream, with colour only where a person reads it from a terminal; or in a file of the run's folder.
 *
 * @param folder the run's, where the document names files in it
 */
export const screenOf = (stream: NodeJS.WriteStream, folder?: string): Screen => ({
  width: stream.columns ?? columnsAsked() ?? usualWidth,
  colour: stream.isTTY === true && pc.isColorSupported,
  folder: folder === undefined ? '' : relative(process.cwd(), folder),
});

/** In a file. */
export const fileScreen = (): Screen => ({ width: columnsAsked() ?? usualWidth, colour: false, folder: '' });

const usualWidth = 160;

/** COLUMNS, as people set it for output that goes through a pipe. */
function columnsAsked(): number | undefined {
  const columns = Number(process.env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? columns : undefined;
}
