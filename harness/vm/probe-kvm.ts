import { buildProbeGuest } from '../images/index.js';
import { deviceObstacle } from './kvm-device.js';
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
 * Remembered until the host reboots or QEMU changes: that it does, and that it definitely doesn't. Not that the time was up,
 * or that KVM was slower by little, which another process on this host may have caused; nor that the device is absent or
 * closed to this user, which is cheap to look up and soon repaired.
 *
 * @throws HostError where the probe guest can't be assembled
 */
export async function probeKvm(qemu: Qemu, deadlineSeconds = usualDeadlineSeconds): Promise<KvmAnswer> {
  const at = new Date().toISOString();
  const obstacle = await deviceObstacle();
  if (obstacle !== null) {
    return { works: false, reason: obstacle, kvmMs: null, tcgMs: null, at, source: 'device' };
  }
  const guest = await buildProbeGuest();
  const file = await rememberedFile(qemu, guest.id);
  const known = await remembered(file);
  if (known !== undefined) return { ...known, source: 'remembered' };
  const kvm = await runProbeGuest(qemu, guest, { accelerator: 'kvm', deadlineSeconds });
  const tcg =
    kvm.end === 'refused'
      ? null
      : await runProbeGuest(qemu, guest, { accelerator: 'tcg', deadlineSeconds: tcgDeadlineSeconds });
  const { isDefinite, ...found } = compared(kvm, tcg, deadlineSeconds);
  const finding = { ...found, kvmMs: roundOf(kvm), tcgMs: roundOf(tcg), at };
  if (isDefinite) await remember(file, finding);
  return { ...finding, source: isDefinite ? 'remembered' : 'probe' };
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
export function compared(kvm: ProbeRun, tcg: ProbeRun | null, deadlineSeconds: number): Verdict {
  switch (kvm.end) {
    case 'refused':
      return { works: false, reason: `KVM did not run the probe guest: ${kvm.why}`, isDefinite: true };
    case 'timed-out': {
      const beside =
        tcg?.end === 'done' ? `; TCG runs all of it, ${milliseconds(tcg.roundMs)} per round` : '';
      return {
        works: false,
        reason: `KVM was not through the probe guest within ${deadlineSeconds} s: ${kvm.stopped}${beside}`,
        isDefinite: false,
      };
    }
    case 'done': {
      const figure = `the probe guest's loop takes KVM ${milliseconds(kvm.roundMs)} per round`;
      // a QEMU without TCG, or a host on which even that was too slow for its deadline
      if (tcg?.end !== 'done') return { works: true, reason: figure, isDefinite: true };
      const works = kvm.roundMs <= tcg.roundMs;
      return {
        works,
        reason: `${figure}, TCG ${milliseconds(tcg.roundMs)}`,
        isDefinite: works || kvm.roundMs > definitelySlower * tcg.roundMs,
      };
    }
    default:
      return kvm satisfies never;
  }
}

/** Times as slow as TCG, by medians: more than neighbours on the same cores make of it. */
const definitelySlower = 2;

const roundOf = (run: ProbeRun | null): number | null => (run?.end === 'done' ? run.roundMs : null);

const milliseconds = (ms: number): string => `${Number(ms.toPrecision(2))} ms`;
