import { ImageError } from '../../errors.js';
import { type AptPackage, describePackages } from '../../kernels/fetch/apt/packages.js';
import type { AptRoot } from '../../kernels/fetch/apt/private-root.js';
import type { UserlandRecipe } from './recipe.js';

/**
 * The packages of the repository as the suite has them.
 *
 * @param complaints apt's words about lists that it couldn't read, or ''
 * @throws ImageError naming the first package of the recipe that the suite doesn't have, of tools as well
 */
export async function wantedPackages(
  root: AptRoot,
  complaints: string,
  { tools, repository }: UserlandRecipe,
  signal: AbortSignal,
): Promise<AptPackage[]> {
  const names = [...tools, ...repository];
  const found = await describePackages(root, names, { signal });
  const missing = names.find((name) => !found.some((one) => one.name === name));
  if (missing !== undefined) {
    throw new ImageError(`no package ${missing} in ${root.suites.join(', ')}`, {
      where: complaints || 'the lists were read without errors',
      remedy: 'name another one in images/userlands/recipe.yml',
    });
  }
  return found.filter(({ name }) => repository.includes(name));
}
