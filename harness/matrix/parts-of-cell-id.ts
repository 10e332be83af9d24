/** The four names of a cell's id, as cellIdOf joins them; '' for one that an id of another making lacks. */
export interface CellParts {
  readonly kernel: string;
  readonly workload: string;
  readonly storage: string;
  readonly boot: string;
}

export function partsOfCellId(id: string): CellParts {
  const [kernel = '', workload = '', storage = '', boot = ''] = id.split('/');
  return { kernel, workload, storage, boot };
}
