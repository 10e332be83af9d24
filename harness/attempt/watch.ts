import { FatalText } from '../diagnosis/fatal-text.js';
import type { Observations } from '../diagnosis/types.js';
import type { GuestFrame } from '../guest/types.js';
import { hostClock } from '../vm/deadline.js';
import type { Limits } from '../vm/limits.js';
import { Timer } from '../vm/timer.js';

/** What a watcher needs of a machine and its agent; a test can play both. */
export interface Watchable {
  /** Console text as it comes; the function returned ends the subscription. */
  readonly onConsole: (listener: (chunk: string) => void) => () => void;
  readonly onFrame: (listener: (frame: GuestFrame) => void) => () => void;
  /** Settles when the machine's process has ended. */
  readonly exit: Promise<unknown>;
  /** Asks the workload to end after its current iteration. */
  readonly stop: () => void;
  /** Seconds, since this was last asked, that the machine was ready to run and the host ran others. */
  readonly starvedSeconds: () => number;
  /** What a machine whose heartbeat is silent really is. Keeps the evidence. */
  readonly look: () => Promise<Liveness>;
}

/** `lost`: QEMU itself is paused or doesn't answer, which is no fault of the kernel's. */
export type Liveness = 'frozen' | 'alive' | 'lost';

export type End = Observations['end'];

/**
 * Waits until a started workload is over, one way or another.
 *
 * Every wait has an event that ends it (a frame, console text, the end of the process) and a limit that scales with the
 * machine's slowness; time in which the host ran others instead counts neither towards the workload's nor, where it was most
 * of it, as silence. After a report the machine gets a grace: an oops often kills one task only, and what the rest of the
 * machine then does (panic, lock up, go on) belongs to the evidence.
 *
 * @throws what `signal` was aborted with
 */
export async function watch(
  target: Watchable,
  limits: Limits,
  signal: AbortSignal,
  clock = hostClock,
): Promise<End> {
  signal.throwIfAborted();
  return await new Promise<End>((resolve, reject) => {
    const fatal = new FatalText();
    let iterations = 0;
    let advancedAt = clock.now();
    let beatAt = clock.now();
    let confirming = false;
    let isTimeUp = false;
    let over = false;
    const mostGivenBack = 10 * limits.workloadSeconds;
    let givenBack = 0;
    /** Seconds that the host took, and that are not given back yet. */
    let owed = 0;
    /** Of those, what it took since the silence was half over; null before. */
    let takenInSilence: number | null = null;

    const timer = (onDue: () => void): Timer => new Timer(onDue, clock);
    const silence = timer(silenceGoesOn);
    const deadline = timer(() => {
      unlessStarved(deadline, () => {
        target.stop();
        stopGrace.restart(limits.stopSeconds);
      });
    });
    const stopGrace = timer(() => unlessStarved(stopGrace, () => void timeIsUp()));
    // What was lost before is little to a workload, and most are through by then: their machines needn't be asked about.
    const counting = timer(() => {
      countStarved();
      owed = 0;
    });
    const afterReport = timer(() => void timeIsUp());
    // a panicked kernel whose reboot (panic=1) never comes is over when it has stopped talking
    const quiet = timer(() => finish('exited'));
    const reportWhole = timer(() => finish(fatal.seen === 'panic' ? 'exited' : 'stuck'));

    const unsubscribe = [target.onConsole(readConsole), target.onFrame(readFrame)];
    const abort = (): void => settle(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    void target.exit.then(() => finish('exited'));
    silenceBegins();
    deadline.restart(limits.workloadSeconds);
    counting.restart(limits.workloadSeconds / 10);

    function countStarved(): void {
      const taken = target.starvedSeconds();
      owed += taken;
      if (takenInSilence !== null) takenInSilence += taken;
    }

    /** What the host took away since it was last asked is given back, by the same timer. */
    function unlessStarved(timer: Timer, ring: () => void): void {
      countStarved();
      const more = Math.min(owed, mostGivenBack - givenBack);
      owed = 0;
      if (more <= worthGivingBack) {
        ring();
        return;
      }
      givenBack += more;
      timer.restart(more);
    }

    function readFrame(frame: GuestFrame): void {
      if (frame.type === 'done') finish('done');
      // a workload could say it, too, once it runs; and what the kernel reported comes first
      if (frame.type === 'refused' && iterations === 0 && fatal.seen === 'none') finish('harness');
      if (frame.type !== 'beat' || over) return;
      silenceBegins();
      beatAt = clock.now();
      if (frame.iterations === iterations) return;
      iterations = frame.iterations;
      advancedAt = beatAt;
    }

    function readConsole(chunk: string): void {
      if (fatal.feed(chunk)) afterReport.restart(limits.afterReportSeconds);
      if (fatal.seen === 'panic') quiet.restart(limits.quietSeconds);
      if (fatal.seen !== 'none' && limits.reportQuietSeconds) reportWhole.restart(limits.reportQuietSeconds);
    }

    function silenceBegins(): void {
      takenInSilence = null;
      silence.restart(limits.silenceSeconds / 2);
    }

    /** In halves: a machine that beats needn't be asked about, and the second half says whether the host let it run. */
    function silenceGoesOn(): void {
      const half = limits.silenceSeconds / 2;
      const isFirstHalf = takenInSilence === null;
      countStarved();
      const wasStarved = (takenInSilence ?? 0) > starvedShare * half;
      takenInSilence = 0;
      if (isFirstHalf || wasStarved) silence.restart(half);
      else void lookAtSilence();
    }

    async function lookAtSilence(): Promise<void> {
      if (confirming || fatal.seen === 'panic') return;
      confirming = true;
      try {
        const found = await target.look();
        if (found === 'frozen') finish('silent');
        else if (found === 'lost') finish('harness');
        else if (isTimeUp) finish(endInTime());
        else silenceBegins();
      } catch (error) {
        settle(() => reject(error));
      } finally {
        confirming = false;
      }
    }

    /** A machine that is silent when its time is up may be frozen; the look at it decides, not the clock. */
    async function timeIsUp(): Promise<void> {
      isTimeUp = true;
      const silentFor = (clock.now() - beatAt) / 1000;
      if (confirming || silentFor > suspectShare * limits.silenceSeconds) await lookAtSilence();
      else finish(endInTime());
    }

    /** A workload whose counter still moved reached its deadline; one that stood still, or outlived a report, is stuck. */
    function endInTime(): End {
      const recently = movingShare * (limits.workloadSeconds + limits.stopSeconds) + givenBack;
      const moved = iterations > 0 && (clock.now() - advancedAt) / 1000 < recently;
      return moved && fatal.seen === 'none' ? 'deadline' : 'stuck';
    }

    function finish(end: End): void {
      settle(() => resolve(end));
    }

    function settle(report: () => void): void {
      if (over) return;
      over = true;
      for (const timer of [silence, deadline, counting, stopGrace, afterReport, quiet, reportWhole])
        timer.clear();
      for (const end of unsubscribe) end();
      signal.removeEventListener('abort', abort);
      report();
    }
  });
}

/** Seconds; less is lost on any host that does anything else. */
const worthGivingBack = 0.5;

/** Silence in which the host took more than this share from the machine says nothing, and is waited for again. */
const starvedShare = 0.5;

/** Of the silence that is looked at: a machine that was silent for so long when its time is up may be frozen. */
const suspectShare = 0.3;

/** Of the workload's time: a counter that moved within so much of its end was still moving. */
const movingShare = 0.5;
