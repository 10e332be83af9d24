// Everything between a bare machine and a kmatrix command, in the order it is needed: npm's packages, the build, the
// host's own packages (asked for by `kmatrix doctor`), then the command. Plain Node: it runs before npm ci has.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [goal, ...rest] = process.argv.slice(2);
const yes = rest.includes('--yes');
const args = rest.filter((word) => word !== '--yes');
const kmatrix = join(root, 'dist/harness/cli/main.js');
// not by npx, which keeps some signals for itself
const tap = join(root, 'node_modules/.bin/tap');

// a run that is gone on with has its cells already
const nightly = args.some((word) => /^--resume\b/.test(word)) ? [] : ['--profile', 'nightly', '--refresh'];
// Ctrl-C reaches the command too, which keeps what finished and says so: its end is waited for
process.on('SIGINT', () => {});
// these reach this process alone: passed on, they end the command in the same way
let child;
let ended;
for (const signal of ['SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    ended ??= signal;
    child?.kill(signal);
  });

const goals = {
  nightly: { groups: 'run,build', commands: () => [[process.execPath, kmatrix, 'run', ...nightly, ...args]] },
  test: { groups: 'run,build,test', commands: () => [...runnerBuild(), [process.execPath, tap, ...args]] },
  bench: { groups: 'run', commands: () => [[process.execPath, join(root, 'dist/bench/main.js'), ...args]] },
};

requireNode(20, 18);
const { groups, commands } =
  goals[goal] ?? fail(`usage: node tools/setup.mjs ${Object.keys(goals).join('|')}`, 2);
if (packagesAreStale()) {
  say('installing npm packages and building kmatrix (npm ci; usually one to two minutes)');
  await run('npm', ['ci', '--no-audit', '--no-fund']);
} else {
  say('building kmatrix (usually ten to thirty seconds)');
  await run('npm', ['run', '--silent', 'build']);
}
say('looking for what this host needs (kmatrix doctor; usually some seconds)');
await run(process.execPath, [kmatrix, 'doctor', '--install', '--group', groups, ...(yes ? ['--yes'] : [])]);
for (const [command, ...words] of commands()) await run(command, words);

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
  if (!isBuilt) say('building the test runner, once (usually a minute)');
  return isBuilt ? [] : [[process.execPath, tap, 'build']];
}

function requireNode(major, minor) {
  const [have, haveMinor] = process.versions.node.split('.').map(Number);
  if (have > major || (have === major && haveMinor >= minor)) return;
  fail(`kmatrix needs Node ${major}.${minor} or newer; this is ${process.versions.node}`, 3);
}

/** Ends this process as the command ended, unless that was well. */
function run(command, words) {
  return new Promise((resolve) => {
    child = spawn(command, words, { cwd: root, stdio: 'inherit' });
    child.on('error', ({ message }) => fail(`${command}: ${message}`, 3));
    child.on('exit', (status, signal) => {
      child = undefined;
      const by = ended ?? signal;
      if (by) process.exit(128 + constants.signals[by]);
      if (status !== 0) process.exit(status);
      resolve();
    });
  });
}

function say(text) {
  process.stderr.write(`kmatrix: ${text}\n`);
}

function fail(message, code) {
  process.stderr.write(`kmatrix: ${message}\n`);
  process.exit(code);
}
