import { Machine } from '../vm/machine.js';
import { incomingUri, prepareRestore, restoreState } from '../vm/saved-state.js';
import type { MachineSpec } from '../vm/types.js';
import { awaitAnswer } from './await-answer.js';
import type { Opened } from './opened.js';
import type { Template } from './template.js';

/** A started QEMU that waits for a template's state: 20 ms from its first instruction. */
export class Standby implements AsyncDisposable {
  readonly template: Template;
  readonly #machine: Machine;
  readonly #spec: MachineSpec;

  /** @throws HostError where QEMU doesn't start or can't restore */
  static async start(template: Template, spec: MachineSpec, signal: AbortSignal): Promise<Standby> {
    const memory = { kind: 'file', path: template.memory, share: false } as const;
    const machine = await Machine.start(spec, { signal, memory, stateFile: template.state });
    try {
      await prepareRestore(machine);
    } catch (error) {
      await machine.end();
      throw error;
    }
    return new Standby(template, machine, spec);
  }

  private constructor(template: Template, machine: Machine, spec: MachineSpec) {
    this.template = template;
    this.#machine = machine;
    this.#spec = spec;
  }

  /** False once QEMU has ended: killed from outside, for instance. */
  get waits(): boolean {
    return !this.#machine.channel.ended;
  }

  /**
   * Restores the machine, which is the caller's from then on.
   *
   * @param askedAt performance.now() of the moment that the machine was asked for
   * @throws HostError where the state isn't taken, or the agent doesn't answer and the kernel says nothing of its own (the
   *   machine is ended then); the signal's reason
   */
  async wake(askedAt: number, signal: AbortSignal): Promise<Opened> {
    const machine = this.#machine;
    const { qemu } = this.#spec;
    try {
      await restoreState(machine, incomingUri(qemu, this.template.state), signal);
      const { template } = this;
      const resumed = { machine, start: 'template', template, where: template.id, askedAt } as const;
      return await awaitAnswer(resumed, this.#spec, signal);
    } catch (error) {
      await machine.end();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#machine.end().then(() => undefined);
  }
}
