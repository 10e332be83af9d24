import { fatalIn } from '../diagnosis/fatal-words.js';
import type { Observations } from '../diagnosis/types.js';
import { type AgentSession, refusalText } from '../guest/agent.js';
import type { Opened } from '../templates/opened.js';
import { askTasks } from '../vm/ask-tasks.js';
import { awaitProgress } from '../vm/deadline.js';
import { confirmFrozen, type FreezeVerdict } from '../vm/freeze.js';
import { type Limits, limitsFor } from '../vm/limits.js';
import type { Machine } from '../vm/machine.js';
import { secondsToCopy } from './bring-files.js';
import { startOrder } from './start-order.js';
import type { Attempt, RunnerOptions } from './types.js';
import { type End, type Liveness, watch } from './watch.js';

/** What happened to one machine from READY to its end. */
export interface AttemptTimeline {
  readonly end: Observations['end'];
  /** What went wrong with the machine rather than in it; '' where nothing did. */
  readonly trouble: string;
  /** The guest's own uptime when the workload was started, in seconds. */
  readonly startUptime: number | null;
  readonly slowness: number | null;
  /** Memory that the machine's process had to itself after the workload; null where it had ended by then, or nobody asked. */
  readonly privateMiB: number | null;
  /** Registers, SysRq and NMI of a machine that stopped, tasks of one whose workload did; '' where neither did. */
  readonly evidence: string;
}

export interface TimelineOptions {
  /** See LocalRunnerOptions. */
  readonly endAtReport: boolean;
  /** Whether `privateMiB` is wanted. Once /proc/PID was looked into, the end of that process costs this one a millisecond. */
  readonly asksMemory: boolean;
  /** Of what the agent brings to /files before the workload begins. */
  readonly filesBytes: number;
}

/**
 * Takes an opened machine through workload and power-off. Evidence is taken before anything is ended.
 *
 * @throws what the signal was aborted with
 */
export async function runToEnd(
  attempt: Attempt,
  { machine, session, boot, slowness: measured }: Opened,
  { signal, onState }: RunnerOptions,
  { endAtReport, asksMemory, filesBytes }: TimelineOptions,
): Promise<AttemptTimeline> {
  if (boot.ready === null) {
    const frozen =
      boot.end === 'silent'
        ? await confirmFrozen(machine, { beats: () => session.beats.count, signal })
        : null;
    const end = frozen === null ? boot.end : endOfSilentBoot(frozen.verdict);
    return {
      end,
      trouble: end === 'harness' ? `never ready, and then ${frozen?.verdict}` : '',
      startUptime: null,
      slowness: null,
      privateMiB: null,
      evidence: frozen?.text ?? '',
    };
  }
  const factor = measured ?? 1;
  const { timeoutSeconds } = attempt.cell.workload;
  // the agent brings files before the workload begins
  const limits = limitsFor(timeoutSeconds + secondsToCopy(filesBytes), factor, endAtReport);
  onState('ready', 0);
  session.start(startOrder(attempt));
  onState('running', 0);
  const { end, evidence, trouble } = await watchWorkload(machine, session, limits, factor, {
    signal,
    onState,
  });
  onState('ending', session.beats.iterations);
  const privateMiB = asksMemory ? machine.privateMiB() : null;
  if (end === 'done' || end === 'deadline') await powerOff(machine, session, limits, signal);
  return {
    end,
    trouble,
    startUptime: boot.ready.uptime,
    slowness: factor,
    privateMiB,
    evidence,
  };
}

/** Silence alone is no freeze: what the look at the machine found decides. */
function endOfSilentBoot(verdict: FreezeVerdict): AttemptTimeline['end'] {
  switch (verdict) {
    case 'slow':
      return 'stuck';
    case 'ended':
      return 'exited';
    case 'paused':
    case 'unreachable':
    case 'starved':
      return 'harness';
    case 'answers-sysrq':
    case 'answers-nmi':
    case 'dead':
      return 'silent';
    default:
      return verdict satisfies never;
  }
}

async function watchWorkload(
  machine: Machine,
  session: AgentSession,
  limits: Limits,
  factor: number,
  { signal, onState }: RunnerOptions,
): Promise<{ end: End; evidence: string; trouble: string }> {
  let evidence = '';
  let trouble = '';
  let looking: Promise<Liveness> | undefined;
  const lookNow = async (): Promise<Liveness> => {
    onState('evidence', session.beats.iterations);
    const found = await confirmFrozen(machine, {
      beats: () => session.beats.count,
      slowness: factor,
      signal,
    });
    evidence = found.text;
    if (found.frozen) return 'frozen';
    if (found.verdict === 'paused' || found.verdict === 'unreachable') {
      trouble = `the machine fell silent, and then was ${found.verdict}`;
      return 'lost';
    }
    onState('running', session.beats.iterations);
    return 'alive';
  };
  const look = (): Promise<Liveness> => {
    looking = lookNow();
    return looking;
  };
  const starvation = machine.starvation();
  const end = await watch(
    {
      onConsole: (listener) => {
        machine.console.on('text', listener);
        return () => machine.console.off('text', listener);
      },
      onFrame: (listener) => {
        const both: typeof listener = (frame) => {
          if (frame.type === 'beat') onState('running', frame.iterations);
          if (frame.type === 'refused') trouble = refusalText(frame);
          listener(frame);
        };
        session.on('frame', both);
        return () => session.off('frame', both);
      },
      exit: machine.exit,
      stop: () => session.stop(),
      starvedSeconds: () => starvation.since(),
      look,
    },
    limits,
    signal,
  );
  // a look under way when the workload ended still talks to the machine
  await looking?.catch(() => {});
  // what a kernel that reported something does when it is asked for more would be no part of that report
  if (
    end === 'stuck' &&
    limits.reportQuietSeconds === undefined &&
    fatalIn(machine.console.text()) === 'none'
  ) {
    onState('evidence', session.beats.iterations);
    // a look that came before found the machine alive: this says more
    evidence = await askTasks(machine, { slowness: factor, signal });
  }
  return { end, evidence, trouble };
}

/** The kernel's last words, teardown reports among them, come while it powers off. */
async function powerOff(
  machine: Machine,
  session: AgentSession,
  limits: Limits,
  signal: AbortSignal,
): Promise<void> {
  session.poweroff();
  await awaitProgress(
    machine.exit,
    () => machine.console.lastByteAt,
    { quietSeconds: limits.powerOffSeconds, totalSeconds: limits.powerOffSeconds * 3 },
    { signal },
  );
}
