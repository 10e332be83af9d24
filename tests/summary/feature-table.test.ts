import pc from 'picocolors';
import t from 'tap';
import { featureMarkdown } from '../../harness/report/markdown/features.js';
import { featureLines } from '../../harness/report/terminal/features.js';
import { featureOverview } from '../../harness/summary/feature-overview.js';
import { FeatureTally } from '../../harness/summary/feature-table.js';

const fact = (name: string, value: boolean | number | string, evidence = 'seen') => ({
  name,
  value,
  evidence,
});
/** A part of the kernel, as guests tell of it: `module` loaded for it, or '' */
const part = (name: string, value: boolean, module = '') => ({ ...fact(name, value), module });
const boots = ['default', 'poisoned', 'memory-cgroup'];

function sample(): FeatureTally {
  const tally = new FeatureTally();
  // the attempts of a run come in any order: the variant before the usual arguments
  tally.add('debian-3.2', 'memory-cgroup', [
    fact('cgroup.memory', true),
    fact('cgroup.cpu', true),
    fact('namespace.pid', true),
  ]);
  tally.add('debian-3.2', 'default', [
    fact('cgroup.memory', false, '/proc/cgroups: enabled 0'),
    fact('cgroup.cpu', true),
    fact('namespace.pid', true),
    fact('kernel.release', '3.2.0-4-amd64'),
  ]);
  tally.add('debian-3.2', 'default', [fact('setns.pid', false, 'ENOSYS')]);
  tally.add('vanilla-3.8', 'default', [fact('cgroup.memory', true), fact('setns.pid', true)]);
  return tally;
}

t.test('groups by the name before the dot; kernels down in the order asked for', async (t) => {
  const { groups } = sample().table(['debian-3.2', 'vanilla-3.8', 'vanilla-2.6.32'], boots);
  t.same(
    groups.map(({ name, features }) => [name, ...features]),
    [
      ['cgroup', 'cpu', 'memory'],
      ['namespace', 'pid'],
      ['setns', 'pid'],
    ],
    'text facts are no features',
  );
  for (const { rows } of groups) {
    t.same([...new Set(rows.map(({ kernel }) => kernel))], ['debian-3.2', 'vanilla-3.8', 'vanilla-2.6.32']);
  }
});

t.test('other kernel arguments have a row of their own only where they change something', async (t) => {
  const { groups } = sample().table(['debian-3.2'], boots);
  const [cgroup, namespace] = groups;
  t.same(
    cgroup?.rows.map(({ boot, cells }) => [boot, ...cells.map(({ value, differs }) => [value, differs])]),
    [
      ['default', [true, false], [false, false]],
      ['memory-cgroup', [true, false], [true, true]],
    ],
  );
  t.same(
    namespace?.rows.map(({ boot }) => boot),
    ['default'],
  );
});

t.test('what no attempt probed is not a no', async (t) => {
  const { groups } = sample().table(['vanilla-3.8', 'vanilla-2.6.32'], boots);
  t.same(
    groups[0]?.rows.map(({ cells }) => cells.map(({ value }) => value)),
    [
      [null, true],
      [null, null],
    ],
  );
  const text = featureLines(sample().table(['vanilla-2.6.32'], boots), 100, pc.createColors(false)).join(
    '\n',
  );
  t.match(text, /vanilla-2\.6\.32 +not probed +not probed/);
});

t.test('attempts that disagree vary, and agree again with nobody', async (t) => {
  const tally = new FeatureTally();
  for (const [value, evidence] of [
    [true, 'one'],
    [false, 'two'],
    [true, 'three'],
  ] as const) {
    tally.add('k', 'default', [fact('criu.kcmp', value, evidence)]);
  }
  t.match(tally.table(['k'], boots).groups[0]?.rows[0]?.cells[0], {
    value: 'varies',
    evidence: 'one / three',
  });
});

const unset = new Map([['vanilla-3.7', ['filesystem.xfs', 'filesystem.btrfs', 'filesystem.tmpfs']]]);

function parts(): FeatureTally {
  const tally = new FeatureTally();
  tally.add('vanilla-3.7', 'default', [
    part('filesystem.tmpfs', true),
    part('filesystem.btrfs', true, 'btrfs'),
    part('filesystem.aufs', false),
    part('filesystem.xfs', false),
  ]);
  tally.add('debian-6.1', 'default', [part('filesystem.tmpfs', true), part('filesystem.xfs', false)]);
  tally.add('old', 'default', [fact('filesystem.tmpfs', true), fact('filesystem.xfs', false)]);
  return tally;
}

t.test('a part of the kernel is built in, a module, absent, not configured or not probed', async (t) => {
  const [group] = parts().table(['vanilla-3.7', 'debian-6.1', 'old', 'never'], boots, unset).groups;
  t.same(group?.features, ['aufs', 'btrfs', 'tmpfs', 'xfs']);
  t.same(
    group?.rows.map(({ kernel, cells }) => [kernel, ...cells.map(({ form }) => form)]),
    [
      // what is there is there, whatever its configuration was thought to say
      ['vanilla-3.7', 'absent', 'module', 'built in', 'not configured'],
      ['debian-6.1', 'not probed', 'not probed', 'built in', 'absent'],
      ['old', 'not probed', 'not probed', null, null],
      ['never', 'not probed', 'not probed', 'not probed', 'not probed'],
    ],
  );
});

t.test('what was tried and could not be probed says why, unless another attempt could', async (t) => {
  const tally = new FeatureTally();
  const failed = (name: string) => ({ name, value: null, module: '', evidence: `why\u001b ${name}` });
  tally.add('k', 'default', [failed('storage.loop'), failed('storage.dm'), part('storage.xfs', true)]);
  tally.add('k', 'default', [part('storage.dm', true), failed('storage.xfs')]);
  const table = tally.table(['k', 'never'], boots, new Map([['k', ['storage.loop']]]));
  t.same(
    table.groups[0]?.rows[0]?.cells.map(({ value, form, evidence }) => [value, form, evidence]),
    [
      [true, 'built in', 'seen'],
      [null, 'not probed', 'why\u001b storage.loop'],
      [true, 'built in', 'seen'],
    ],
  );
  t.equal(featureOverview(table).rows[0]?.cells[0], 'all 2 probed; could not be probed: loop');
  const why = /k: storage\.loop is not probed: why\S* storage\.loop/;
  for (const lines of [featureMarkdown(table), featureLines(table, 80, pc.createColors(false))]) {
    const told = lines.filter((line) => line.includes('is not probed'));
    t.equal(told.length, 1);
    t.match(told[0], why);
    t.notMatch(told[0], '\u001b');
  }
});

t.test('every rendering has the five values; runs from before have yes and no', async (t) => {
  const table = parts().table(['vanilla-3.7', 'debian-6.1', 'old', 'never'], boots, unset);
  const lines = featureMarkdown(table);
  t.ok(lines.includes('| vanilla-3.7 | absent | module | built in | not configured |'), lines.join('\n'));
  t.ok(lines.includes('| debian-6.1 | not probed | not probed | built in | absent |'));
  t.ok(lines.includes('| old | not probed | not probed | yes | no |'));
  const words = featureLines(table, 120, pc.createColors(false)).join('\n');
  t.match(words, /vanilla-3\.7 +absent +module +built in +not configured/);
  const json = JSON.parse(JSON.stringify(table)) as typeof table;
  t.same(json.groups[0]?.rows[0]?.cells[3], {
    value: false,
    form: 'not configured',
    evidence: 'seen',
    differs: false,
  });
  const { rows } = featureOverview(table);
  t.same(
    rows.map(({ cells }) => cells[0]),
    ['lacks aufs; as modules: btrfs; not configured: xfs', 'lacks xfs', 'lacks xfs', 'not probed'],
  );
});

t.test(
  'built in here and a module there, under other kernel arguments, differs; one attempt of each varies',
  async (t) => {
    const tally = new FeatureTally();
    tally.add('k', 'default', [part('storage.loop', true)]);
    tally.add('k', 'poisoned', [part('storage.loop', true, 'loop')]);
    t.same(
      tally.table(['k'], boots).groups[0]?.rows.map(({ cells }) => [cells[0]?.form, cells[0]?.differs]),
      [
        ['built in', false],
        ['module', true],
      ],
    );
    tally.add('k', 'default', [part('storage.loop', true, 'loop')]);
    t.match(tally.table(['k'], boots).groups[0]?.rows[0]?.cells[0], { value: 'varies', form: null });
  },
);

t.test('numbers are numbers', async (t) => {
  const tally = new FeatureTally();
  tally.add('k', 'default', [fact('kernel.memory', 245678.125)]);
  const lines = featureMarkdown(tally.table(['k'], boots));
  t.ok(lines.includes('| k | 245678 |'), lines.join('\n'));
});

t.test('Markdown marks what kernel arguments change', async (t) => {
  const lines = featureMarkdown(sample().table(['debian-3.2', 'vanilla-3.8'], boots));
  t.ok(lines.includes('| cgroup | cpu | memory |'));
  t.ok(lines.includes('| debian-3.2 | yes | no |'));
  t.ok(lines.includes('| debian-3.2 + memory-cgroup | yes | **yes** |'));
  t.ok(lines.includes('| vanilla-3.8 | not probed | yes |'));
  t.same(featureMarkdown(new FeatureTally().table(['k'], boots)), [], 'nothing probed, no section');
});

t.test('a terminal too narrow for a group gets it in parts, every feature once', async (t) => {
  const tally = new FeatureTally();
  const names = Array.from({ length: 12 }, (_, at) => `feature-number-${at}`);
  tally.add(
    'some-kernel',
    'default',
    names.map((name) => fact(`cgroup.${name}`, true)),
  );
  const lines = featureLines(tally.table(['some-kernel'], boots), 60, pc.createColors(false));
  t.ok(lines.every((line) => line.length <= 60));
  for (const name of names) {
    t.equal(lines.filter((line) => line.split(/\s+/).includes(name)).length, 1, name);
  }
});

t.test('a hostile guest gets neither markup nor control characters nor a million columns', async (t) => {
  const tally = new FeatureTally();
  tally.add('k', 'default', [fact('a|b.<script>\u001b[2J', true), fact('no-dot', true)]);
  tally.add(
    'k',
    'default',
    Array.from({ length: 5000 }, (_, at) => fact(`x.${at}`, true)),
  );
  const table = tally.table(['k'], boots);
  t.equal(
    table.groups.reduce((sum, { features }) => sum + features.length, 0),
    1000,
  );
  const small = { groups: table.groups.filter(({ name }) => name !== 'x') };
  const markdown = featureMarkdown(small).join('\n');
  t.notMatch(markdown, '<script>');
  t.notMatch(markdown, '\u001b');
  t.notMatch(featureLines(small, 100, pc.createColors(false)).join('\n'), '\u001b');
  t.match(markdown, 'no-dot');
});
