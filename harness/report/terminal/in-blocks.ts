/** Runs of neighbours, each as long as `fits` allows, and at least one. */
export function inBlocks<T>(items: readonly T[], fits: (items: readonly T[]) => boolean): T[][] {
  const blocks: T[][] = [];
  for (const item of items) {
    const last = blocks.at(-1);
    if (last !== undefined && fits([...last, item])) last.push(item);
    else blocks.push([item]);
  }
  return blocks;
}
