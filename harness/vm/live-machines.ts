/** Machines that run in this process. */
const live = new Set<Ending>();

/** What the register needs of a machine: a way to end it. */
interface Ending {
  end(): Promise<unknown>;
}

/** Enters a machine; the result takes it out again. */
export function enterMachine(machine: Ending): () => void {
  live.add(machine);
  return () => void live.delete(machine);
}

export const liveMachineCount = (): number => live.size;

/** Ends every machine of this process and waits until they are gone. */
export async function endAllMachines(): Promise<void> {
  await Promise.all([...live].map((machine) => machine.end()));
}
