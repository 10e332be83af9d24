import { counted } from '../host/counted.js';
import { printable } from '../host/printable.js';
import { type Colours, outcomePaint } from '../report/terminal/colours.js';
import { seconds } from '../report/words/duration.js';
import type { RunEvent } from '../schedule/types.js';

/** One event as one line for people, or nothing where the event is too small for one. */
export function progressLine(event: RunEvent, colours: Colours): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `run ${event.run}: ${counted(sum(event.attempts), 'attempt')} in ${counted(event.cells, 'cell')}, ${event.accelerator} (${event.accelReason})`;
    case 'image-step':
      return colours.dim(`${event.kernel}: ${printable(event.step)}`);
    case 'guest-step':
      return colours.dim(event.step);
    case 'guest-ready':
      return `guest programs compiled after ${seconds(event.seconds)}`;
    case 'image-warning':
      return colours.yellow(`${event.kernel}: ${printable(event.warning)}`);
    case 'image-ready':
      return event.cached
        ? undefined
        : `${event.kernel}: ${printable(event.release)} ready after ${seconds(event.seconds)}`;
    case 'image-unavailable':
      return colours.yellow(`${event.kernel}: unavailable: ${printable(event.reason)}`);
    case 'run-warning':
      return colours.yellow(printable(event.warning));
    case 'kvm-dropped':
      return colours.yellow(
        `KVM is dropped and TCG is used for the rest of the run: ${printable(event.reason)}`,
      );
    case 'only-tcg-boots':
      return colours.yellow(
        `${event.kernel}: boots under TCG, but not under KVM: ${printable(event.reason)}`,
      );
    case 'boots-cold':
      return colours.yellow(
        `${event.kernel}: each attempt boots, as there is no template: ${printable(event.reason)}`,
      );
    case 'not-copied':
      return colours.yellow(
        `${event.kernel}: each attempt is restored, not copied: ${printable(event.reason)}`,
      );
    case 'attempt-finished': {
      const { result, expected, key } = event;
      // its kernel's own line has said why, once
      if (result.outcome === 'unavailable' && expected) return undefined;
      const mark = expected ? colours.green('as expected') : colours.red('UNEXPECTED');
      const what = `${outcomePaint(result.outcome, colours)(result.outcome)} in ${seconds(result.seconds)}`;
      const why = result.outcome === 'stable' && !result.censored ? '' : `: ${printable(result.reason)}`;
      return `${key.cell} #${key.index} ${what}, ${mark}${why}`;
    }
    case 'run-finished':
      return `run ${event.run} ${event.interrupted ? 'interrupted' : 'finished'}`;
    case 'image-progress':
    case 'guest-progress':
    case 'attempt-started':
    case 'attempt-state':
      return undefined;
    default:
      return event satisfies never;
  }
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);
