/** Machines that run in this process. */
const live = new Set<EndableMachine>();

/** What the register needs of a machine: a way to end it at once. */
interface EndableMachine {
  kill(): void;
}

/** Enters a machine; the result takes it out again. */
export function enterMachine(machine: EndableMachine): () => void {
  live.add(machine);
  return () => void live.delete(machine);
}

export const liveMachineCount = (): number => live.size;

/** SIGKILL to every machine of this process, without waiting: for a way out that can't wait. */
export function endAllMachines(): void {
  for (const machine of live) machine.kill();
}
