import { knownIssueOf } from '../../../diagnosis/known-issues.js';
import type { PagedBug } from '../../../repro/bugs.js';
import { type Evidence, hasBug, type KernelEvidence } from '../../../repro/evidence/collect.js';
import { clopperPearson } from '../../../statistics/clopper-pearson.js';
import { isShort, workText, workTogether } from '../../../summary/work-done.js';
import { compareLines } from '../../../versions/kernel-lines.js';

/** On which kernels the bug was seen, and on which it was provoked in vain, by kind of experiment. */
export function whichKernels({ kernels }: Pick<Evidence, 'kernels'>, bug: PagedBug): string[] {
  const sentences = bug.page.kinds.flatMap(({ kind, name, circumstance }) => {
    const named = (wanted: ReturnType<typeof hasBug>): string =>
      kernels
        .filter((kernel) => hasBug(kernel, kind) === wanted)
        .map((kernel) => `\`${kernel.id}\`${wanted === 'silent' ? shortText(kernel, kind) : ''}`)
        .join(', ');
    const subject = capitalised(circumstance === undefined ? name : `${circumstance}, ${name}`);
    const doubt = circumstance === undefined ? name : `${name}, ${circumstance}`;
    const [seen, silent, unclear] = [named('seen'), named('silent'), named('unclear')];
    return [
      ...(seen === '' ? [] : [`- ${subject} was seen on ${seen}.`]),
      ...(silent === '' ? [] : [`- ${subject} was provoked and not seen on ${silent}.`]),
      ...(unclear === '' ? [] : [`- It is not clear whether by ${doubt}: ${unclear} failed.`]),
    ];
  });
  return sentences.length === 0 ? [] : [...sentences, ...sinceTheFix(kernels, bug)];
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A silence of which most was not waited for says so: (41 % done). */
function shortText({ trials }: KernelEvidence, kind: string): string {
  const own = trials.filter(({ experiment }) => experiment.kind === kind);
  const work = workTogether(own.map(({ provoked }) => provoked.work));
  return isShort(work) ? ` (${workText(work)})` : '';
}

/** What the silence of the mended lines is worth: a bound on the rate at which the bug might still come there. */
function sinceTheFix(kernels: Evidence['kernels'], { knownIssue, page }: PagedBug): string[] {
  const [first] = page.kinds;
  const fixedIn = knownIssueOf(knownIssue)?.fixed ?? '';
  const perKernel = kernels
    .filter(({ line }) => compareLines(line, fixedIn) >= 0)
    .map(({ trials }) =>
      trials.filter(({ experiment: { kind } }) => kind === first?.kind).map(({ provoked }) => provoked),
    )
    .filter((arms) => arms.some(({ of }) => of > 0));
  const arms = perKernel.flat();
  const of = arms.reduce((sum, arm) => sum + arm.of, 0);
  const failing = arms.reduce((sum, arm) => sum + arm.failing, 0);
  if (of === 0) return [];
  const work = workText(workTogether(arms.map((arm) => arm.work)));
  const [done, ofIt] = work === '' ? ['', ''] : [` (${work})`, ', as far as each got,'];
  // one-sided: the upper end of a two-sided interval of twice the error
  const bound = `${(Math.ceil(clopperPearson(failing, of, 0.9).high * 10_000) / 100).toFixed(2)} %`;
  return [
    `- From ${fixedIn} on, ${perKernel.length} kernels together failed in ${failing} of ${of} attempts${done} that provoke ${first?.name}: its mean rate`,
    `  over these attempts${ofIt} is at most ${bound} (95 %, one-sided Clopper-Pearson).`,
  ];
}
