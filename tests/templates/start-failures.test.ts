import t from 'tap';
import { HostError, StartError } from '../../harness/errors.js';
import { StartFailures } from '../../harness/templates/start-failures.js';

const eagain = (): StartError => new StartError('QEMU did not start: Resource temporarily unavailable');

t.test('the third failure in a row is one of a kind that stays', async (t) => {
  const failures = new StartFailures();
  const three = [eagain(), eagain(), eagain()].map((error) => failures.isOnlyThisTime('saved', error));
  t.same(three, [true, true, false]);
  t.ok(failures.isOnlyThisTime('live', eagain()), 'another way of starting has its own count');
});

t.test('what several attempts waited for failed once', async (t) => {
  const failures = new StartFailures();
  const shared = eagain();
  for (const _attempt of [1, 2, 3, 4]) t.ok(failures.isOnlyThisTime('live', shared));
});

t.test('one that comes up ends the row', async (t) => {
  const failures = new StartFailures();
  for (const _time of [1, 2, 3]) {
    t.ok(failures.isOnlyThisTime('live', eagain()));
    t.ok(failures.isOnlyThisTime('live', eagain()));
    failures.cameUp('live');
  }
});

t.test('anything else is about the machine itself', async (t) => {
  t.notOk(new StartFailures().isOnlyThisTime('live', new HostError('its state can’t be read')));
});
