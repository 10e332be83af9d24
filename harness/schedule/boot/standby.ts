import { HostError } from '../../errors.js';
import { AgentSession } from '../../guest/index.js';
import { awaitProgress, Machine, type MachineSpec, prepareRestore, restoreState } from '../../vm/index.js';
import type { Opened } from './opened.js';
import type { Template } from './template.js';

/** A started QEMU that waits for a template's state: 20 ms from its first instruction. */
export class Standby implements AsyncDisposable {
  readonly template: Template;
  readonly #machine: Machine;

  /** @throws HostError where QEMU doesn't start or can't restore */
  static async start(template: Template, spec: MachineSpec, signal: AbortSignal): Promise<Standby> {
    const memory = { kind: 'file', path: template.memory, share: false } as const;
    const machine = await Machine.start(spec, { signal, memory, awaitsState: true });
    try {
      await prepareRestore(machine);
    } catch (error) {
      await machine.end();
      throw error;
    }
    return new Standby(template, machine);
  }

  private constructor(template: Template, machine: Machine) {
    this.template = template;
    this.#machine = machine;
  }

  /** False once QEMU has ended: killed from outside, for instance. */
  get waits(): boolean {
    return !this.#machine.channel.ended;
  }

  /**
   * Restores the machine, which is the caller's from then on.
   *
   * @param askedAt performance.now() of the moment that the machine was asked for
   * @throws HostError where the state isn't taken or the agent doesn't answer (the machine is ended then); the signal's reason
   */
  async wake(askedAt: number, signal: AbortSignal): Promise<Opened> {
    const machine = this.#machine;
    try {
      await restoreState(machine, this.template.state);
      const session = new AgentSession(machine.channel);
      const waited = await awaitProgress(
        session.ready({ signal }),
        () => machine.console.lastByteAt,
        answerLimits,
        { signal },
      );
      const ready = waited.end === 'reached' ? waited.value : null;
      if (ready === null)
        throw new HostError('a restored machine did not answer', { where: this.template.id });
      return {
        machine,
        session,
        start: 'template',
        boot: { ready },
        bootSeconds: this.template.bootSeconds,
        readySeconds: (performance.now() - askedAt) / 1000,
        earlier: this.template.console,
      };
    } catch (error) {
      await machine.end();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#machine.end().then(() => undefined);
  }
}

/** An answer takes some milliseconds of a CPU; the rest is for hosts that are busy with other things. */
const answerLimits = { totalSeconds: 60, quietSeconds: 60 };
