import type { AgentSession } from '../guest/agent.js';
import type { Machine } from '../vm/machine.js';
import type { MachineSpec } from '../vm/types.js';
import type { Boot } from './await-ready.js';

/** How a machine comes to READY: powered on, restored from a saved template, or copied from one that lives. */
export type Start = (typeof starts)[number];
export const starts = ['cold', 'template', 'fork'] as const;

/** `auto`: copied where a cell has many attempts, else restored. */
export type StartMode = (typeof startModes)[number];
export const startModes = ['auto', 'fork', 'template', 'cold'] as const;

/** A machine that an attempt is given, up to READY or to where it didn't come further. The attempt ends it. */
export interface Opened {
  readonly machine: Machine;
  readonly session: AgentSession;
  readonly start: Start;
  readonly boot: Boot;
  /** Seconds that its boot took from process start to READY, a template's own; null where that never came. */
  readonly bootSeconds: number | null;
  /** Seconds from asking for the machine to READY; null likewise. */
  readonly readySeconds: number | null;
  /** Guest time over host time of the calibration loop, both measured at its boot; null where it never was ready. */
  readonly slowness: number | null;
  /** What the console said before this process began: a template's boot; '' for a cold one. */
  readonly earlier: string;
}

/** A machine as an attempt asks for it. */
export interface MachineRequest {
  /** Image.id: kernel and initramfs by content. */
  readonly imageId: string;
  readonly spec: MachineSpec;
  /** See MachineHost. */
  readonly calibrationNs: number;
}
