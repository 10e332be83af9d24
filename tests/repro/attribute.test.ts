import t from 'tap';
import type { Report } from '../../harness/diagnosis/types.js';
import type { Outcome } from '../../harness/matrix/types.js';
import { type AttemptEnding, attribute, isReproduced } from '../../harness/repro/attribute.js';
import { aReport } from '../results/made-up-run.js';

const report = (knownIssue: string | null): Report => aReport({ knownIssue });
const seen = (outcome: Outcome, ...issues: (string | null)[]): AttemptEnding => ({
  outcome,
  reports: issues.map(report),
});
const times = (n: number, one: AttemptEnding): AttemptEnding[] => Array.from({ length: n }, () => one);
const victim = seen('oops', null);
const named = seen('oops', null, '#407');
const other = seen('panic', 'LP#720095');
const calm = seen('stable');

t.test('frames that name the path settle it, with or without a control arm', async (t) => {
  t.match(attribute('#407', [calm, named], null), {
    how: 'by frames',
    arm: { failing: 1, of: 2 },
    control: null,
  });
  t.match(attribute('#407', [named], times(5, calm)), { how: 'by frames', control: { failing: 0, of: 5 } });
});

t.test('innocent victims are the bug where the control arm stays silent over enough attempts', async (t) => {
  const found = attribute('#407', times(5, victim), times(5, calm));
  t.match(found, { how: 'by comparison', arm: { failing: 5, of: 5 }, control: { failing: 0, of: 5 } });
  t.ok(isReproduced(found));
  t.match(attribute('#407', [...times(4, victim), calm], times(5, calm)), { how: 'by comparison' });
  t.match(
    attribute('#407', times(5, seen('freeze')), times(5, calm)),
    { how: 'by comparison' },
    'silence counts',
  );
});

t.test('they are not where it fails too, where it was not run, or where the numbers are few', async (t) => {
  const cases: [AttemptEnding[], AttemptEnding[] | null, RegExp][] = [
    [times(5, victim), [victim, ...times(4, calm)], /control arm failed too/],
    [times(5, victim), [named, ...times(4, calm)], /control arm failed too/],
    [times(5, victim), [other, ...times(4, calm)], /control arm failed too/],
    [times(5, victim), null, /no control arm was run/],
    [times(5, victim), times(5, seen('harness-error')), /no control arm was run/],
    [[...times(3, victim), ...times(2, calm)], times(5, calm), /too few attempts/],
    [[victim], [calm], /too few attempts/],
  ];
  for (const [arm, control, why] of cases) {
    const found = attribute('#407', arm, control);
    t.match(found, { how: 'not attributed', why });
    t.notOk(isReproduced(found));
  }
});

t.test(
  'a report of another known issue, and what only the operation suffered, is no failure of this bug',
  async (t) => {
    t.match(attribute('#407', [seen('oops', 'control'), seen('operation-failed'), calm], null), {
      how: 'no report',
      arm: { failing: 0, of: 2 },
    });
    t.match(attribute('#407', [seen('unavailable'), seen('unsupported'), seen('harness-error')], null), {
      how: 'no report',
      arm: { failing: 0, of: 0 },
    });
  },
);

t.test('what failed by another known issue says nothing of the arm', async (t) => {
  t.match(attribute('#407', [...times(3, victim), ...times(4, other)], times(5, calm)), {
    how: 'by comparison',
    arm: { failing: 3, of: 3 },
  });
});

t.test('one chance in twenty, exactly, tells the arms apart; one in ten does not', async (t) => {
  const against = (held: number) => attribute('#407', times(3, victim), times(held, calm));
  const exactly = against(3);
  t.match(exactly, { how: 'by comparison' });
  t.ok('probability' in exactly && Math.abs(exactly.probability - 1 / 20) < 1e-12);
  t.match(against(2), { how: 'not attributed', why: /too few/ }, '1/10');
});
