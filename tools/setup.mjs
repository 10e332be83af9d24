// Everything between a bare machine and a kmatrix command, in the order it is needed: npm's packages, the build, the
// host's own packages (asked for by `kmatrix doctor`), then the command. Plain Node: it runs before npm ci has.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [goal, ...rest] = process.argv.slice(2);
const yes = rest.includes('--yes');
const args = rest.filter((word) => word !== '--yes');
const kmatrix = join(root, 'dist/harness/cli/main.js');

// a run that is gone on with has its cells already
const nightly = args.some((word) => /^--resume\b/.test(word)) ? [] : ['--profile', 'nightly', '--refresh'];
// Ctrl-C reaches the command too, which keeps what finished and says so: its end is waited for
process.on('SIGINT', () => {});

const goals = {
  nightly: { groups: 'run,build', commands: () => [[process.execPath, kmatrix, 'run', ...nightly, ...args]] },
  test: { groups: 'run,build,test', commands: () => [...runnerBuild(), ['npx', 'tap', ...args]] },
  bench: { groups: 'run', commands: () => [[process.execPath, join(root, 'dist/bench/main.js'), ...args]] },
};

requireNode(20, 18);
const { groups, commands } =
  goals[goal] ?? fail(`usage: node tools/setup.mjs ${Object.keys(goals).join('|')}`, 2);
if (packagesAreStale()) run('npm', ['ci', '--no-audit', '--no-fund']);
else run('npm', ['run', '--silent', 'build']);
run(process.execPath, [kmatrix, 'doctor', '--install', '--group', groups, ...(yes ? ['--yes'] : [])]);
for (const [command, ...words] of commands()) run(command, words);

/** npm leaves its own copy of the lock file in node_modules; an older one means another dependency tree. */
function packagesAreStale() {
  const installed = join(root, 'node_modules/.package-lock.json');
  return (
    !existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

/**
 * The first run of tap after its packages were installed still has the plugins that .taprc takes away; built beforehand, it
 * hasn't. What a build leaves in the packages says that there was one.
 */
function runnerBuild() {
  const isBuilt = existsSync(join(root, 'node_modules/@tapjs/test/test-built/node_modules'));
  return isBuilt ? [] : [['npx', 'tap', 'build']];
}

function requireNode(major, minor) {
  const [have, haveMinor] = process.versions.node.split('.').map(Number);
  if (have > major || (have === major && haveMinor >= minor)) return;
  fail(`kmatrix needs Node ${major}.${minor} or newer; this is ${process.versions.node}`, 3);
}

function run(command, words) {
  const { status, signal, error } = spawnSync(command, words, { cwd: root, stdio: 'inherit' });
  if (error) fail(`${command}: ${error.message}`, 3);
  if (signal) process.exit(130);
  if (status !== 0) process.exit(status);
}

function fail(message, code) {
  process.stderr.write(`kmatrix: ${message}\n`);
  process.exit(code);
}
