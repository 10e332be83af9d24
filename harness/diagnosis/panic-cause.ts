import type { Report, ReportKind } from './types.js';

/**
 * The earlier report that a panic only carries out, because a setting (panic_on_oops, panic_on_warn, softlockup_panic,
 * hung_task_panic, …) says that such a report shall end the machine; null where the panic is its own event, or where
 * the kernel could not have gone on with any setting ("Fatal exception in interrupt", "Attempted to kill init!").
 */
export function panicCause(panic: Pick<Report, 'title'>, earlier: readonly Report[]): Report | null {
  const settled = settings.find(({ words }) => words.test(panic.title));
  if (!settled) return null;
  return earlier.findLast((report) => settled.kinds.includes(report.kind)) ?? null;
}

const broken: readonly ReportKind[] = [
  'oops',
  'bug',
  'kasan',
  'list-corruption',
  'slab-corruption',
  'bad-page',
  'refcount',
];

const settings: readonly { readonly words: RegExp; readonly kinds: readonly ReportKind[] }[] = [
  { words: /^panic: Fatal exception(?! in interrupt)/, kinds: broken },
  {
    words:
      /^panic: (?:kernel: )?panic_on_warn set|KASAN: panic_on_warn|kasan\.fault=panic|UBSAN: panic_on_warn|KFENCE: panic_on_warn|KCSAN: panic_on_warn/,
    kinds: [...broken, 'warning', 'ubsan', 'lockdep'],
  },
  { words: /^panic: soft ?lockup: hung tasks/, kinds: ['soft-lockup'] },
  { words: /^panic: hung_task: blocked tasks/, kinds: ['hung-task'] },
  { words: /^panic: RCU Stall/, kinds: ['rcu-stall'] },
  { words: /^panic: (?:Hard LOCKUP|NMI)/, kinds: ['hard-lockup'] },
];
