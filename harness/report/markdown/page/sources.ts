import type { Evidence } from '../../../repro/evidence/collect.js';
import { markdownText } from '../text.js';

/** What is known of the trees, kernels of which the same is known together; ids of kernels are the matrix's own. */
export function sources({ kernels }: Pick<Evidence, 'kernels'>): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, purity } of kernels) {
    const known = purity.map((one) => one ?? 'unknown').toSorted();
    const text = known.join(' in some runs, ') + (known.length > 1 ? ' in others' : '');
    groups.set(text, [...(groups.get(text) ?? []), id]);
  }
  if (groups.size === 0) return [];
  return [
    'What is known of the trees that they were built from, or of the packages that they came in ([kernels.md](kernels.md)); unknown means',
    'that older runs didn’t record it.',
    '',
    ...[...groups].map(([text, ids]) => {
      const named = groups.size === 1 ? 'all of them' : ids.map((id) => `\`${id}\``).join(', ');
      return `- ${markdownText(text)}: ${named}.`;
    }),
  ];
}
