import { fatalIn } from '../diagnosis/fatal-words.js';
import { HostError } from '../errors.js';
import { AgentSession } from '../guest/agent.js';
import { printable } from '../host/printable.js';
import { awaitGoing } from '../vm/await-going.js';
import type { Machine } from '../vm/machine.js';
import type { MachineSpec } from '../vm/types.js';
import { awaitReady } from './await-ready.js';
import type { TemplateBoot } from './boot-template.js';
import type { Opened, Start } from './opened.js';

/** A machine that has just begun to run as its template was left. */
export interface Resumed {
  readonly machine: Machine;
  readonly start: Start;
  readonly template: TemplateBoot;
  /** The saved template's id, for messages. */
  readonly where?: string;
  /** performance.now() of the moment that it was asked for. */
  readonly askedAt: number;
}

/**
 * Waits for a resumed machine to answer.
 *
 * @throws HostError where the agent doesn't answer and the kernel says nothing of its own; the signal's reason
 */
export async function awaitAnswer(
  { machine, start, template, where, askedAt }: Resumed,
  { accelerator }: Pick<MachineSpec, 'accelerator'>,
  signal: AbortSignal,
): Promise<Opened> {
  const session = new AgentSession(machine.channel);
  const boot = await awaitReady(machine, session, accelerator, signal, { isResumed: true });
  const { bootSeconds, slowness, console: earlier } = template;
  const opened = { machine, session, start, boot, slowness, earlier } as const;
  if (boot.ready) {
    return { ...opened, bootSeconds, readySeconds: (performance.now() - askedAt) / 1000 };
  }
  await awaitGoing(machine, signal);
  // what a kernel says of itself between being resumed and answering is a finding, not a bad template
  if (fatalIn(machine.console.text()) !== 'none') {
    return { ...opened, bootSeconds: null, readySeconds: null };
  }
  const last = machine.console.text().trim().split('\n').slice(-3).join(' | ');
  const what = start === 'fork' ? 'copied' : 'restored';
  throw new HostError(`a ${what} machine did not answer${last && `; its last words: ${printable(last)}`}`, {
    where,
  });
}
