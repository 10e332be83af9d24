export { type AcceleratorWish, chooseAccelerator } from './accelerator.js';
export { askTasks } from './ask-tasks.js';
export { commandLine, type ExecutionLog, type MemoryBacking } from './command-line.js';
export { awaitProgress, bootLimits, type Clock, hostClock, type Limits, type Waited } from './deadline.js';
export { confirmFrozen, type FreezeEvidence, type FreezeVerdict } from './freeze.js';

export { endAllMachines, liveMachineCount } from './live-machines.js';
export { Machine, type MachineOptions } from './machine.js';
export { findQemu } from './qemu.js';
export { QmpError } from './qmp.js';
export type { Registers } from './registers.js';
export { incomingUri, prepareRestore, restoreState, saveState } from './saved-state.js';
export type { SerialPort } from './serial-port.js';
export { scaledSeconds, slowness } from './slowness.js';
export type { Accelerator, AcceleratorName, MachineExit, MachineSpec, Qemu } from './types.js';
