import t from 'tap';
import { HarnessBug } from '../../../harness/errors.js';
import { optionGroups, optionTable, parseOptionTable } from '../../../harness/kernels/config/option-table.js';
import { compareKernelVersions } from '../../../harness/versions/kernel-version.js';

t.test('the table has every group, and no option twice in one', async (t) => {
  const { rows } = optionTable();
  t.ok(rows.length >= 95, `${rows.length} options`);
  for (const group of optionGroups) {
    const own = rows.filter((row) => row.group === group).map(({ option }) => option);
    t.ok(own.length > 0, group);
    t.equal(new Set(own).size, own.length, group);
  }
});

t.test('storage and network options belong to a driver, the others to none', async (t) => {
  for (const { option, group, driver } of optionTable().rows) {
    t.equal(driver !== null, group === 'storage' || group === 'network', option);
  }
});

t.test('a version written as a number is refused: 3.10 would be 3.1', async (t) => {
  const text = (from: string) =>
    `groups: {necessary: a, optional: b, storage: c, network: d}\noptions:\n  - {option: A, group: optional, listed: moby, why: x, from: ${from}}\n`;
  t.throws(() => parseOptionTable(text('3.10')), HarnessBug);
  t.throws(() => parseOptionTable(text('"soon"')), HarnessBug);
  t.same(parseOptionTable(text('"3.10"')).rows[0]?.names[0]?.range.from, [3, 10]);
});

t.test('an unknown key is refused', async (t) => {
  const text =
    'groups: {necessary: a, optional: b, storage: c, network: d}\noptions:\n  - {option: A, group: optional, listed: moby, why: x, since: "3.2"}\n';
  t.throws(() => parseOptionTable(text), /since/);
});

t.test('an option’s names leave no hole between its first version and its last', async (t) => {
  for (const { option, names } of optionTable().rows) {
    const own = names.filter(({ outOfTree }) => !outOfTree).map(({ range }) => range);
    const sorted = own.toSorted((a, b) => compareKernelVersions(a.from ?? [], b.from ?? []));
    let reached = sorted[0]?.before;
    for (const { from, before } of sorted.slice(1)) {
      t.ok(reached === undefined || compareKernelVersions(from ?? [], reached) <= 0, option);
      if (reached !== undefined) {
        reached = before === undefined || compareKernelVersions(before, reached) > 0 ? before : reached;
      }
    }
  }
});
