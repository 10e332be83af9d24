import { readEvents, type UserlandRecord } from './session.js';

/**
 * The root file systems that a run's machines had as a disk.
 *
 * @param folder of a run
 */
export async function recordedUserlands(folder: string): Promise<UserlandRecord[]> {
  const found: UserlandRecord[] = [];
  for await (const event of readEvents(folder)) {
    if (event.type !== 'userland') continue;
    const { type: _, ...userland } = event;
    found.push(userland);
  }
  return found;
}
