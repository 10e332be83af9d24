import { HostError } from '../../errors.js';
import { AgentSession } from '../../guest/index.js';
import { printable } from '../../host/printable.js';
import { incomingUri, Machine, type MachineSpec, prepareRestore, restoreState } from '../../vm/index.js';
import { awaitGoing } from '../await-going.js';
import { fatalIn } from '../fatal-text.js';
import { awaitReady } from './await-ready.js';
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
    const { accelerator, qemu } = this.#spec;
    try {
      await restoreState(machine, incomingUri(qemu, this.template.state), signal);
      const session = new AgentSession(machine.channel);
      const boot = await awaitReady(machine, session, accelerator, signal);
      const { bootSeconds, slowness, console: earlier } = this.template;
      const opened = { machine, session, start: 'template', boot, slowness, earlier } as const;
      if (boot.ready) {
        return { ...opened, bootSeconds, readySeconds: (performance.now() - askedAt) / 1000 };
      }
      await awaitGoing(machine, signal);
      // what a kernel says of itself between being restored and answering is a finding, not a bad template
      if (fatalIn(machine.console.text()) !== 'none')
        return { ...opened, bootSeconds: null, readySeconds: null };
      const last = machine.console.text().trim().split('\n').slice(-3).join(' | ');
      throw new HostError(
        `a restored machine did not answer${last && `; its last words: ${printable(last)}`}`,
        {
          where: this.template.id,
        },
      );
    } catch (error) {
      await machine.end();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#machine.end().then(() => undefined);
  }
}
