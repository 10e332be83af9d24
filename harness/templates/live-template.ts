import { HostError } from '../errors.js';
import { awaitRestOfDisks } from '../vm/block-threads.js';
import { ForkServer } from '../vm/fork-server.js';
import { Machine } from '../vm/machine.js';
import { awaitAnswer } from './await-answer.js';
import { bootTemplate, type TemplateBoot } from './boot-template.js';
import type { MachineRequest, Opened } from './opened.js';

/**
 * A machine that was booted to READY and stopped, and whose process is copied for each attempt. A copy keeps what QEMU has
 * translated of the kernel while it booted, half of what a container's life needs; one restored from a file begins with nothing.
 */
export class LiveTemplate implements AsyncDisposable {
  readonly #machine: Machine;
  readonly #server: ForkServer;
  readonly #boot: TemplateBoot;
  readonly #request: MachineRequest;

  /**
   * @param library see buildForkLibrary
   * @param release of its kernel, for messages
   * @throws ImageError where this kernel makes no template, HostError where QEMU doesn't start; the signal's reason
   */
  static async boot(
    request: MachineRequest,
    library: string,
    release: string,
    signal: AbortSignal,
  ): Promise<LiveTemplate> {
    const server = new ForkServer(library);
    try {
      const machine = await Machine.start(request.spec, { signal, forkServer: server });
      try {
        const boot = await bootTemplate(machine, request, release, signal);
        // QEMU waits for the disks' requests that are on their way
        await machine.qmp.execute('stop');
        await awaitRestOfDisks(machine, signal);
        return new LiveTemplate(machine, server, boot, request);
      } catch (error) {
        await machine.end();
        throw error;
      }
    } catch (error) {
      server[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(machine: Machine, server: ForkServer, boot: TemplateBoot, request: MachineRequest) {
    this.#machine = machine;
    this.#server = server;
    this.#boot = boot;
    this.#request = request;
  }

  /** Whether copies run, which would end with it. */
  get isInUse(): boolean {
    return this.#server.isInUse;
  }

  /**
   * A copy that runs, the caller's from then on.
   *
   * @param askedAt performance.now() of the moment that the machine was asked for
   * @throws HostError where there is none, or it doesn't answer (it is ended then); the signal's reason
   */
  async copy(askedAt: number, signal: AbortSignal): Promise<Opened> {
    const machine = await Machine.copyOf(this.#server, { signal });
    try {
      await machine.qmp.execute('cont');
      return await awaitAnswer(
        { machine, start: 'fork', template: this.#boot, askedAt },
        this.#request.spec,
        signal,
      );
    } catch (error) {
      const { how, exitCode } = await machine.end();
      const step = how === 'died' ? unfinished[exitCode ?? 0] : undefined;
      if (step !== undefined) throw new HostError(`a copied machine could not be finished: ${step}`);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server[Symbol.dispose]();
    await this.#machine.end();
  }
}

/** What a copy ends with before it runs (become_machine, images/fork-server/copy.c). */
const unfinished: Readonly<Record<number, string>> = {
  120: 'its template had ended',
  121: 'its lines',
  122: 'its descriptors, of which one may be an io_uring',
  123: 'its sandbox (seccomp)',
  124: 'its threads',
};
