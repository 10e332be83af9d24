import PQueue from 'p-queue';

/**
 * Does `work` for each item, at most `limit` at a time, and gives the results in the order of the items. The first
 * failure starts nothing new and is thrown once what was under way has ended, so that nothing is left running (p-map
 * throws at once).
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const queue = new PQueue({ concurrency: limit });
  const failures: unknown[] = [];
  const results: Result[] = [];
  const doItem = (item: Item, index: number) => async () => {
    if (failures.length > 0) return;
    try {
      results[index] = await work(item);
    } catch (error) {
      failures.push(error);
    }
  };
  await queue.addAll(items.map(doItem));
  if (failures.length > 0) throw failures[0];
  return results;
}
