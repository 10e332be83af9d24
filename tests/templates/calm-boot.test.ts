import t from 'tap';
import { ImageError } from '../../harness/errors.js';
import { calmBoot, ReportedAtBoot } from '../../harness/templates/calm-boot.js';

/** A boot that throws these, one each time, and then is calm. */
function boots(...errors: Error[]) {
  let times = 0;
  const boot = async (): Promise<string> => {
    const error = errors[times++];
    if (error !== undefined) throw error;
    return 'ready';
  };
  return { boot, times: () => times };
}
const reported = new ReportedAtBoot('its boot shows a report (RCU stall in x)');

t.test('a boot in which the kernel reported something is tried once more, and no other', async (t) => {
  const once = boots(reported);
  t.equal(await calmBoot(once.boot), 'ready');
  t.equal(once.times(), 2);
  const twice = boots(reported, reported);
  await t.rejects(calmBoot(twice.boot), reported);
  t.equal(twice.times(), 2);
  const never = boots(new ImageError('it was never ready'));
  await t.rejects(calmBoot(never.boot), /never ready/);
  t.equal(never.times(), 1);
});
