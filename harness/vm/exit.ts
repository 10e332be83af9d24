import type { MachineExit } from './types.js';

/** What is known of a QEMU process that ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** `reason` of QMP's SHUTDOWN event (qapi/run-state.json, ShutdownCause); null where none came. */
  readonly shutdownReason: string | null;
  /** SIGKILL or `quit` was sent; QEMU may have ended by itself before either reached it. */
  readonly killedByUs: boolean;
  /** It was `quit` that was sent. */
  readonly askedToQuit: boolean;
}

/**
 * Tells a guest's own end from ours and from a failure of QEMU. The exit status alone can't: QEMU ends with 0 after a
 * power-off, after `quit` and after SIGTERM from anybody. That we wanted to end it proves nothing where it ended in a way
 * that neither SIGKILL nor `quit` ends it: a QEMU that crashed is often seen by its closed lines first, and then killed.
 *
 * A guest that resets at once is through before QMP is there to tell events (they begin with qmp_capabilities): where nobody asked
 * QEMU to end with 0, it was the guest. SIGKILL gives no 0, and of another signal QEMU itself says a word.
 */
export function machineExit({ shutdownReason, killedByUs, askedToQuit, ...rest }: Ending): MachineExit {
  const unasked = rest.exitCode === 0 && !askedToQuit && !bySignal.test(rest.stderr);
  const ofGuest = shutdownReason === null ? unasked : shutdownReason.startsWith('guest-');
  return {
    how: ofGuest ? 'done' : killedByUs && endedAsAsked(rest) ? 'killed' : 'died',
    exitCode: rest.exitCode,
    signal: rest.signal,
    stderr: rest.stderr,
  };
}

const endedAsAsked = ({ exitCode, signal }: Pick<Ending, 'exitCode' | 'signal'>): boolean =>
  signal === null ? exitCode === 0 : signal === 'SIGKILL';

/** qemu_kill_report, softmmu/runstate.c of QEMU 7.2 */
const bySignal = /terminating on signal \d/;
