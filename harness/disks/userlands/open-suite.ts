import { HarnessBug } from '../../errors.js';
import { expiredIndex } from '../../kernels/fetch/apt/expired-index.js';
import { describePackages } from '../../kernels/fetch/apt/packages.js';
import type { AptRoot } from '../../kernels/fetch/apt/private-root.js';
import { defaultPatience, type Patience, remembering } from '../../kernels/fetch/context.js';
import { archiveUrl } from '../../kernels/fetch/layout.js';
import { withSuite } from '../../kernels/sources/apt.js';
import type { ObtainOptions } from '../../kernels/sources/options.js';
import type { UserlandSource } from '../../matrix/userland-source.js';
import { withArchiveMirror } from './archive-mirror.js';
import type { UserlandRecipe } from './recipe.js';
import { wantedPackages } from './wanted-packages.js';

/** A suite whose packages can be fetched. */
export interface OpenSuite {
  /** Its sources.list is what mmdebstrap reads. */
  readonly root: AptRoot;
  /** apt's words about lists that it couldn't read. */
  readonly complaints: string;
  readonly from: 'apt' | 'archive';
  /** What weakens it, for the provenance. */
  readonly marks: readonly string[];
  /** The userland's own sources.list, where the root's is of no use in there. */
  readonly sources?: string;
}

/**
 * Runs `work` with the suite of a userland: from the mirror of this host's apt, or from its archive where the row names that alone, or
 * the mirror has the suite no longer. No other failure of the mirror leads to the archive: it may be over in an hour.
 *
 * @throws ImageError where neither has it
 */
export async function withOpenSuite<T>(
  id: string,
  { apt, archive }: UserlandSource,
  recipe: UserlandRecipe,
  options: ObtainOptions & { readonly patience?: Patience },
  work: (suite: OpenSuite) => Promise<T>,
): Promise<T> {
  if (apt !== undefined) {
    const found = await withSuite(id, apt, options, async (root, complaints) => {
      if (archive !== undefined && hasLeft(root, complaints)) return undefined;
      const expired = await expiredIndex(root);
      const marks = expired === undefined ? [] : [expired];
      return { value: await work({ root, complaints, from: 'apt', marks }) };
    });
    if (found !== undefined) return found.value;
    const step = `${apt.suite} has left the mirror; it is taken from its archive`;
    options.onEvent({ type: 'image-step', kernel: id, step });
  }
  if (archive === undefined) throw new HarnessBug(`the userland ${id} has no source`);
  const { onEvent, offline, signal, patience = defaultPatience } = options;
  const context = remembering({ kernel: id, onEvent, offline, signal, patience });
  const sources = `deb ${archiveUrl(archive)} ${archive.suite} ${archive.component}\n`;
  return withArchiveMirror(
    archive,
    context,
    (root) => commandsFor(root, recipe, signal),
    (root) => work({ root, complaints: '', from: 'archive', marks: context.warnings, sources }),
  );
}

/** Does every mirror say so? apt's words for a Release file that isn't there (404), which no other failure has. */
function hasLeft({ suite, suites }: AptRoot, complaints: string): boolean {
  const said = complaints.matchAll(
    /The repository '\S+ (\S+) Release' (?:does not have|no longer has) a Release/g,
  );
  const gone = [...said].filter(([, name]) => name === suite);
  return gone.length > 0 && gone.length === suites.filter((name) => name === suite).length;
}

/** What mmdebstrap will ask for: the minimal system with apt, tools, and what its hook for a merged /usr adds. */
async function commandsFor(root: AptRoot, recipe: UserlandRecipe, signal: AbortSignal): Promise<string[][]> {
  const repository = await wantedPackages(root, '', recipe, signal);
  const merged = await describePackages(root, ['usr-is-merged'], { signal });
  const names = ['?essential', 'apt', ...merged.map(({ name }) => name), ...recipe.tools];
  return [
    ['-o', 'APT::Install-Recommends=false', 'install', ...names],
    ['download', ...repository.map(({ name, version }) => `${name}=${version}`)],
  ];
}
