import { HarnessBug } from '../../errors.js';
import { commandLine, type ExecutionLog, machineDescriptors } from '../../vm/command-line.js';
import type { MachineSpec } from '../../vm/types.js';

/**
 * A machine's command line for a shell script: the same machine, with files named relative to the folder that it is
 * started in, the console on standard output, the agent's port on a pair of fifos (`channel.in`, `channel.out`), and
 * without QMP.
 *
 * @param log of a recording that is replayed; what came through the agent's port is in there
 */
export function portableWords(spec: MachineSpec, log?: Pick<ExecutionLog, 'mode'>): string[] {
  const executionLog = log && { ...log, path: 'execution.log', snapshots: 'snapshots.qcow2' };
  const words = commandLine({ ...spec, bzImage: 'bzImage', initramfs: 'initramfs' }, { executionLog });
  return withChardevs(words, {
    console: 'stdio,id=console,signal=off',
    channel: log === undefined ? 'pipe,id=channel,path=channel' : 'null,id=channel',
  });
}

/** A command line of kmatrix's with other ends of its serial ports, and without QMP. */
export function withChardevs(
  own: readonly string[],
  chardevs: { readonly console: string; readonly channel: string },
): string[] {
  const words = [...own];
  for (const id of ['console', 'channel'] as const)
    replace(words, [`socket,id=${id},fd=${machineDescriptors[id]}`], [chardevs[id]]);
  const qmp = ['-chardev', `socket,id=qmp,fd=${machineDescriptors.qmp}`, '-mon', 'chardev=qmp,mode=control'];
  replace(words, qmp, []);
  return words;
}

function replace(words: string[], old: readonly string[], fresh: readonly string[]): void {
  const at = words.findIndex((_, index) => old.every((word, offset) => words[index + offset] === word));
  if (at === -1) throw new HarnessBug(`the command line has no ${old.join(' ')}`);
  words.splice(at, old.length, ...fresh);
}
