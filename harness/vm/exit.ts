import type { MachineExit } from './types.js';

/** What is known of a QEMU process that ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** `reason` of QMP's SHUTDOWN event (qapi/run-state.json, ShutdownCause); null where none came. */
  readonly shutdownReason: string | null;
  readonly killedByUs: boolean;
}

/**
 * Tells a guest's own end from ours and from a failure of QEMU. The exit status alone can't: QEMU ends with 0 after a
 * power-off, after `quit` and after SIGTERM from anybody.
 */
export function machineExit({ shutdownReason, killedByUs, ...rest }: Ending): MachineExit {
  const ofGuest = shutdownReason?.startsWith('guest-') ?? false;
  return {
    how: ofGuest ? 'done' : killedByUs ? 'killed' : 'died',
    exitCode: rest.exitCode,
    signal: rest.signal,
    stderr: rest.stderr,
  };
}
