import t from 'tap';
import { installCommands } from '../../harness/host/install-packages.js';
import {
  missingRequirements,
  type Requirement,
  requirementGroups,
  requirements,
} from '../../harness/host/requirements.js';

const requirement = (program: string, group: Requirement['group'] = 'run'): Requirement => ({
  group,
  program,
  package: 'p',
  why: 'w',
});

t.test('a program on PATH is there, one that is nowhere is missing', async (t) => {
  const all = [requirement('sh'), requirement('no-such-program-of-anyone')];
  t.same(await missingRequirements(['run'], all), [all[1]]);
});

t.test('an absolute path must exist', async (t) => {
  const all = [requirement('/etc/passwd'), requirement('/nowhere/at/all')];
  t.same(await missingRequirements(['run'], all), [all[1]]);
});

t.test('only the groups asked for count', async (t) => {
  const all = [requirement('no-such-program-of-anyone', 'build')];
  t.same(await missingRequirements(['run', 'test'], all), []);
});

t.test('each requirement says why and where from, once', async (t) => {
  for (const { program, package: name, why, group } of requirements) {
    t.ok(name && why && requirementGroups.includes(group), program);
  }
  t.equal(new Set(requirements.map(({ program }) => program)).size, requirements.length);
});

t.test('the commands are what a person would type', async (t) => {
  const [update, install] = installCommands(['qemu-system-x86', 'kmod']);
  t.match(update?.join(' '), /apt-get update$/);
  t.match(install?.join(' '), /apt-get install --yes --no-install-recommends qemu-system-x86 kmod$/);
});
