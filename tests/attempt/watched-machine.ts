import { type End, type Watchable, watch } from '../../harness/attempt/watch.js';
import type { GuestFrame } from '../../harness/guest/types.js';
import type { Limits } from '../../harness/vm/limits.js';
import { fakeClock } from '../vm/fake-clock.js';

export const limits: Limits = {
  silenceSeconds: 10,
  workloadSeconds: 60,
  stopSeconds: 20,
  afterReportSeconds: 8,
  quietSeconds: 3,
  powerOffSeconds: 5,
};

/** A machine by a clock of the test's: it beats once a second until it falls silent. */
export function machine(overrides: Partial<Watchable> = {}) {
  const { clock, pass, alarms } = fakeClock();
  let say = (_: string): void => {};
  let send = (_: GuestFrame): void => {};
  let end = (): void => {};
  const calls: string[] = [];
  const target: Watchable = {
    onConsole: (listener) => {
      say = listener;
      return () => calls.push('console off');
    },
    onFrame: (listener) => {
      send = listener;
      return () => calls.push('frames off');
    },
    exit: new Promise<void>((resolve) => {
      end = resolve;
    }),
    stop: () => calls.push('stop'),
    starvedSeconds: () => 0,
    look: async () => {
      calls.push('look');
      return 'frozen';
    },
    ...overrides,
  };
  let iterations = 0;
  let stopBeating = (): void => {};
  const beats = (): void => {
    stopBeating = clock.alarm(1000, () => {
      send(beat(iterations));
      beats();
    });
  };
  beats();
  return {
    target,
    clock,
    calls,
    pass,
    alarms,
    seconds: () => clock.now() / 1000,
    after: (seconds: number, act: () => void) => void clock.alarm(seconds * 1000, act),
    say: (text: string) => say(text),
    send: (frame: GuestFrame) => send(frame),
    end: () => end(),
    advance: () => {
      iterations += 1;
    },
    fallSilent: () => stopBeating(),
    beat: () => send(beat(iterations)),
  };
}

/** Watches it while `seconds` pass: how it ended, and after how many of them; undefined where it didn't. */
export async function watched(
  m: ReturnType<typeof machine>,
  seconds: number,
  of: Limits = limits,
): Promise<{ end: End; at: number } | undefined> {
  let ended: { end: End; at: number } | undefined;
  void watch(m.target, of, never, m.clock).then((end) => {
    ended = { end, at: m.seconds() };
  });
  await m.pass(seconds);
  return ended;
}

export const beat = (iterations: number): GuestFrame => ({
  type: 'beat',
  beat: 1,
  uptime: 1,
  iterations,
  memFreeKiB: 1,
});
export const done: GuestFrame = {
  type: 'done',
  status: 'passed',
  exitStatus: 0,
  signal: 0,
  iterations: 1,
  stopped: false,
  reason: '',
  seconds: 1,
};
export const never = new AbortController().signal;
