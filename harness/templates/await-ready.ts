import { bootWords } from '../diagnosis/boot-words.js';
import { FatalText } from '../diagnosis/fatal-text.js';
import type { AgentSession } from '../guest/agent.js';
import type { ReadyFrame } from '../guest/types.js';
import { awaitProgress, bootLimits, type Limits } from '../vm/deadline.js';
import { limitsFor } from '../vm/limits.js';
import type { Machine } from '../vm/machine.js';
import { Timer } from '../vm/timer.js';
import type { AcceleratorName } from '../vm/types.js';

/** `exited`: the machine ended, or panicked and had no more to say. `silent`: nothing moved for longer than a boot may take. */
export type Boot =
  | { readonly ready: ReadyFrame }
  | { readonly ready: null; readonly end: 'exited' | 'silent' };

export interface AwaitReadyOptions {
  /** Its kernel said its name before it was saved or copied. */
  readonly isResumed?: boolean;
  readonly limits?: Limits | undefined;
}

/**
 * A boot is over when the agent answers, the machine ends, or a panicked kernel has stopped talking. Under KVM it is, too, where
 * no kernel has said its name after 20 seconds in which the host let it run: the boot loader's stub and unpacking take a sound one
 * half a second. Limits are of the machine's own time: a boot that the host keeps from running is none that stopped.
 *
 * @throws what the signal was aborted with
 */
export async function awaitReady(
  machine: Machine,
  session: AgentSession,
  accelerator: AcceleratorName,
  signal: AbortSignal,
  { isResumed = false, limits = bootLimits(accelerator) }: AwaitReadyOptions = {},
): Promise<Boot> {
  const over = new AbortController();
  const quiet = new Timer(() => over.abort(panicked));
  const starvation = machine.starvation();
  const noKernel = new Timer(() => {
    const starved = starvation.since();
    if (starved < firstWordsSeconds / 4) over.abort(nothingRan);
    else noKernel.restart(starved);
  });
  const fatal = new FatalText();
  let firstWords = '';
  let isKernels = isResumed;
  const clock = machine.clock({ forgivenSeconds: limits.totalSeconds });
  let saidAt = clock.now();
  const listen = (chunk: string): void => {
    saidAt = clock.now();
    fatal.feed(chunk);
    if (!isKernels) {
      firstWords = `${firstWords}${chunk}`.slice(-4096);
      isKernels = bootWords(firstWords).isKernels;
      if (isKernels) noKernel.clear();
    }
    if (fatal.seen === 'panic') quiet.restart(limitsFor(1, 1).quietSeconds);
  };
  if (accelerator === 'kvm' && !isKernels) noKernel.restart(firstWordsSeconds);
  listen(machine.console.text());
  machine.console.on('text', listen);
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const waited = await awaitProgress(session.ready({ signal: either }), () => saidAt, limits, {
      signal: either,
      clock,
    });
    if (waited.end !== 'reached') return { ready: null, end: 'silent' };
    return waited.value === null ? { ready: null, end: 'exited' } : { ready: waited.value };
  } catch (error) {
    if (error === panicked) return { ready: null, end: 'exited' };
    if (error === nothingRan) return { ready: null, end: 'silent' };
    throw error;
  } finally {
    quiet.clear();
    noKernel.clear();
    machine.console.off('text', listen);
    // ends the wait for `ready` where the deadline came first
    over.abort(panicked);
  }
}

const panicked = Symbol('the kernel panicked and its output has ended');
const nothingRan = Symbol('no kernel has printed its version');

const firstWordsSeconds = 20;
