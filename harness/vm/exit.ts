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
}

/**
 * Tells a guest's own end from ours and from a failure of QEMU. The exit status alone can't: QEMU ends with 0 after a
 * power-off, after `quit` and after SIGTERM from anybody. That we wanted to end it proves nothing where it ended in a way
 * that neither SIGKILL nor `quit` ends it: a QEMU that crashed is often seen by its closed lines first, and then killed.
 */
export function machineExit({ shutdownReason, killedByUs, ...rest }: Ending): MachineExit {
  const ofGuest = shutdownReason?.startsWith('guest-') ?? false;
  return {
    how: ofGuest ? 'done' : killedByUs && endedAsAsked(rest) ? 'killed' : 'died',
    exitCode: rest.exitCode,
    signal: rest.signal,
    stderr: rest.stderr,
  };
}

const endedAsAsked = ({ exitCode, signal }: Pick<Ending, 'exitCode' | 'signal'>): boolean =>
  signal === null ? exitCode === 0 : signal === 'SIGKILL';
