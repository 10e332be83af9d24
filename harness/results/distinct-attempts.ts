import { attemptId } from './attempt-id.js';
import type { StoredAttempt } from './attempt-schema.js';
import { readAttempts } from './read-run.js';

/**
 * The attempts of a run, each once: what stands for one in a second line is damage, as is a line that is no attempt.
 *
 * @param onDamaged called for each such line
 */
export async function* distinctAttempts(
  folder: string,
  onDamaged: () => void = () => {},
): AsyncGenerator<StoredAttempt> {
  const seen = new Set<string>();
  for await (const attempt of readAttempts(folder, onDamaged)) {
    const id = attemptId(attempt.key);
    if (seen.has(id)) onDamaged();
    else yield attempt;
    seen.add(id);
  }
}
