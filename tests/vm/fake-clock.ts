import type { Clock } from '../../harness/vm/deadline.js';

export interface FakeClock {
  readonly clock: Clock;
  /** Lets so much time pass, alarm by alarm. */
  run(seconds: number): void;
  /** The same, and what an alarm sets going is through before the next one rings. */
  pass(seconds: number): Promise<void>;
  /** Alarms that are set. */
  readonly alarms: ReadonlySet<unknown>;
}

/** A clock that stands still until it is told to run. */
export function fakeClock(): FakeClock {
  let time = 0;
  const alarms = new Set<{ at: number; ring: () => void }>();
  const clock: Clock = {
    now: () => time,
    alarm(milliseconds, ring) {
      const alarm = { at: time + milliseconds, ring };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
  };
  const ringNext = (until: number): boolean => {
    const [next] = [...alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
    time = next?.at ?? until;
    if (next === undefined) return false;
    alarms.delete(next);
    next.ring();
    return true;
  };
  return {
    clock,
    alarms,
    run(seconds) {
      const until = time + seconds * 1000;
      while (ringNext(until));
    },
    async pass(seconds) {
      const until = time + seconds * 1000;
      do await new Promise(setImmediate);
      while (ringNext(until));
    },
  };
}
