/** A cell's id: its four names. */
export const cellIdOf = (kernel: string, workload: string, storage: string, boot: string): string =>
  [kernel, workload, storage, boot].join('/');
