import { decidingReport } from '../diagnosis/deciding-report.js';
import { ImageError } from '../errors.js';
import { AgentSession } from '../guest/agent.js';
import { printable } from '../host/printable.js';
import { slowness } from '../vm/limits.js';
import type { Machine } from '../vm/machine.js';
import { awaitReady } from './await-ready.js';
import { ReportedAtBoot } from './calm-boot.js';
import type { MachineRequest } from './opened.js';

/** What is known of a template's boot. */
export interface TemplateBoot {
  /** Seconds from process start to READY. */
  readonly bootSeconds: number;
  /** Guest over host when it booted: a later host's calibration has nothing to do with it. */
  readonly slowness: number;
  /** What the console said up to READY. */
  readonly console: string;
}

/**
 * Waits until a machine that is to be a template has booted.
 *
 * @param release of its kernel, for messages
 * @throws ImageError where it is never ready, ReportedAtBoot where its kernel reports something that would decide each attempt that
 *   begins there; the signal's reason
 */
export async function bootTemplate(
  machine: Machine,
  { spec, calibrationNs }: MachineRequest,
  release: string,
  signal: AbortSignal,
): Promise<TemplateBoot> {
  const boot = await awaitReady(machine, new AgentSession(machine.channel), spec.accelerator, signal);
  const bootSeconds = (performance.now() - machine.startedAt) / 1000;
  if (boot.ready === null) throw notATemplate(release, 'it was never ready');
  const console = machine.console.text();
  const report = decidingReport(console);
  if (report !== null) {
    const what = `its boot shows a report (${printable(report.title, 200)})`;
    throw new ReportedAtBoot(`no template of ${release}: ${what}`, { where: release });
  }
  return { bootSeconds, slowness: slowness(boot.ready.calibrationNs, calibrationNs), console };
}

const notATemplate = (release: string, why: string): ImageError =>
  new ImageError(`no template of ${release}: ${why}`, { where: release });
