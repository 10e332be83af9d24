import { setMaxListeners } from 'node:events';

/** Aborted with the first of `signals`; any number of machines may wait for it (Node takes eleven listeners for a leak). */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const any = AbortSignal.any([...signals]);
  setMaxListeners(0, any);
  return any;
}
