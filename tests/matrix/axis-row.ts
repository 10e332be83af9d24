import type { AxisRow } from '../../harness/matrix/axes.js';

export const anAxisRow = (id: string, over: Partial<AxisRow> = {}): AxisRow => ({
  id,
  usual: false,
  modules: [],
  arguments: {},
  kernelArguments: [],
  ...over,
});

/** The usual row of each axis. */
export const usualRows: Readonly<Record<string, AxisRow>> = {
  storage: anAxisRow('plain', { usual: true }),
  'kernel-arguments': anAxisRow('default', { usual: true }),
};
