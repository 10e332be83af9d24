import { deviceObstacle } from './kvm-device.js';
import { buildProbeGuest } from './probe-guest.js';
import { type KvmFinding, remember, remembered, rememberedFile } from './remembered-probe.js';
import { type ProbeRun, runProbeGuest } from './run-probe-guest.js';
import type { Qemu } from './types.js';

export interface KvmAnswer extends KvmFinding {
  /**
   * device: it can't be opened, and nothing was run; remembered: found by this command or an earlier one, and kept; probe: found
   * now, and not kept.
   */
  readonly source: 'device' | 'remembered' | 'probe';
}

/**
 * Whether KVM does on this host what kernels need, and faster than TCG does: by running the probe guest under both.
 *
 * Remembered until the host reboots or QEMU changes: that it does, and that it definitely doesn't. Not that the time was up, that
 * QEMU was killed or found something busy, or that KVM was slower by little, which another process on this host may have caused; nor
 * that the device is absent or closed to this user, which is cheap to look up and soon repaired.
 *
 * @throws HostError where the probe guest can't be assembled; the signal's reason
 */
export async function probeKvm(
  qemu: Qemu,
  { deadlineSeconds = usualDeadlineSeconds, signal }: ProbeKvmOptions = {},
): Promise<KvmAnswer> {
  const at = new Date().toISOString();
  const obstacle = await deviceObstacle();
  if (obstacle !== null) {
    return { works: false, reason: obstacle, kvmMs: null, tcgMs: null, at, source: 'device' };
  }
  const guest = await buildProbeGuest();
  const file = await rememberedFile(qemu, guest.id);
  const known = await remembered(file);
  if (known !== undefined) return { ...known, source: 'remembered' };
  const kvm = await runProbeGuest(qemu, guest, { accelerator: 'kvm', deadlineSeconds, signal });
  const tcg =
    kvm.end === 'refused'
      ? null
      : await runProbeGuest(qemu, guest, {
          accelerator: 'tcg',
          deadlineSeconds: tcgDeadlineSeconds,
          signal,
        });
  const { isDefinite, ...found } = verdictOf(kvm, tcg, deadlineSeconds);
  const finding = { ...found, kvmMs: roundOf(kvm), tcgMs: roundOf(tcg), at };
  if (isDefinite) await remember(file, finding);
  return { ...finding, source: isDefinite ? 'remembered' : 'probe' };
}

export interface ProbeKvmOptions {
  /** Of the probe guest under KVM. */
  readonly deadlineSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** All of it takes 0.2 s where KVM is sound, most of that QEMU's own start; a loaded host may take ten times as long. */
const usualDeadlineSeconds = 5;
/** It only measures. */
const tcgDeadlineSeconds = 30;

interface Verdict extends Pick<KvmFinding, 'works' | 'reason'> {
  /** Nothing that a busier or idler host would change. */
  readonly isDefinite: boolean;
}

/** What two runs of the probe guest say; none under TCG where KVM refused at once. */
export function verdictOf(kvm: ProbeRun, tcg: ProbeRun | null, deadlineSeconds: number): Verdict {
  switch (kvm.end) {
    case 'refused': {
      const { isDefinite } = kvm;
      return { works: false, reason: `KVM did not run the probe guest: ${kvm.why}`, isDefinite };
    }
    case 'timed-out':
      return {
        works: false,
        reason: `KVM did not finish the probe guest within ${deadlineSeconds} s: ${kvm.stopped}${besideText(tcg)}`,
        isDefinite: false,
      };
    case 'done': {
      const figure = `the probe guest's loop takes KVM ${milliseconds(kvm.roundMs)} per round`;
      if (tcg?.end !== 'done') {
        // a QEMU without TCG will never have a figure; a host on which it was too slow may
        const isDefinite = tcg?.end === 'refused' && tcg.isDefinite;
        return { works: true, reason: `${figure}${besideText(tcg)}`, isDefinite };
      }
      const works = kvm.roundMs <= tcg.roundMs;
      return {
        works,
        reason: `${figure}, TCG ${milliseconds(tcg.roundMs)}`,
        // lines that came all at once, since this process was kept from running, say nothing
        isDefinite:
          kvm.roundMs > 0 && tcg.roundMs > 0 && (works || kvm.roundMs > definitelySlower * tcg.roundMs),
      };
    }
    default:
      return kvm satisfies never;
  }
}

function besideText(tcg: ProbeRun | null): string {
  switch (tcg?.end) {
    case undefined:
      return '';
    case 'done':
      return `; TCG runs all of it, ${milliseconds(tcg.roundMs)} per round`;
    case 'timed-out':
      return `; TCG did not finish it within ${tcgDeadlineSeconds} s: ${tcg.stopped}`;
    case 'refused':
      return `; TCG did not run it: ${tcg.why}`;
    default:
      return tcg satisfies never;
  }
}

/** Times as slow as TCG, by medians: more than neighbours on the same cores make of it. */
const definitelySlower = 2;

const roundOf = (run: ProbeRun | null): number | null => (run?.end === 'done' ? run.roundMs : null);

const milliseconds = (ms: number): string => `${Number(ms.toPrecision(2))} ms`;
