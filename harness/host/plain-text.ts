import { z } from 'zod';
import { printable } from './printable.js';

/**
 * Text that is shown as it stands, wherever it came from: what could move a cursor, hide, or begin a line is refused where
 * it is read.
 */
export const plainText = z
  .string()
  .max(200, 'longer than 200 characters')
  .refine(
    (text) => printable(text) === text && !/[\t\n]/.test(text),
    'it has characters that can’t be shown',
  );
