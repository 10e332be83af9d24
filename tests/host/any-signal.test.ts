import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { anySignal } from '../../harness/host/any-signal.js';

async function warningsOf(signal: AbortSignal): Promise<string[]> {
  const warnings: string[] = [];
  const listen = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', listen);
  for (let machine = 0; machine < 50; machine += 1) signal.addEventListener('abort', () => {});
  await setImmediate();
  process.off('warning', listen);
  return warnings;
}

t.test('fifty machines may wait for one signal, and Node warns of none', async (t) => {
  const { signal } = new AbortController();
  t.same(await warningsOf(anySignal([signal])), []);
  t.same(await warningsOf(signal), ['MaxListenersExceededWarning'], 'of a plain one it does');
});

t.test('it is aborted with the first reason', async (t) => {
  const [one, other] = [new AbortController(), new AbortController()];
  const any = anySignal([one.signal, other.signal]);
  other.abort('second');
  one.abort('first');
  t.equal(any.reason, 'second');
});
