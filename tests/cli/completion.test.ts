import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t from 'tap';
import { completionScripts } from '../../harness/cli/completion-scripts.js';
import { completionValues } from '../../harness/cli/completion-values.js';
import { completionWords } from '../../harness/cli/completion-words.js';
import { program } from '../../harness/cli/program.js';
import { projectRoot } from '../../harness/host/project.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { kmatrix, kmatrixScript } from './kmatrix.js';

process.env.KMATRIX_CACHE = t.testdir();
const root = await program(new AbortController().signal);

/** What may come next after these words, the last of which is under the cursor. */
const next = async (...words: string[]): Promise<string[]> =>
  (await completionWords(root, words, completionValues)).map(({ word }) => word);

const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

t.test('commands, then their subcommands, then options of that command alone', async (t) => {
  const commands = await next('');
  for (const one of ['run', 'images', 'completion', 'help']) t.ok(commands.includes(one), one);
  t.notOk(commands.some((word) => word.startsWith('-') || word === 'import' || word === 'completion-words'));
  t.same(await next('images', 'im'), ['import']);
  t.same(await next('help', 'im'), ['images']);
  const ofRun = await next('run', '--');
  t.ok(ofRun.includes('--workload'));
  t.notOk(ofRun.includes('--system-map'));
  t.same(await next('run', ''), ofRun, 'it takes no argument, so only options can follow');
  const ofImport = await next('images', 'import', 'mine', 'bzImage', '--');
  t.ok(ofImport.includes('--system-map'));
  t.notOk(ofImport.includes('--workload'));
});

t.test('after an option or in place of an argument: the names that fit there', async (t) => {
  const { kernels, profiles, workloads } = await loadMatrix(join(projectRoot, 'matrix.yml'));
  t.same(await next('run', '--kernel', ''), ids(kernels));
  t.same(await next('run', '--kernel', 'vanilla-3.2-'), ['vanilla-3.2-aufs']);
  t.same(await next('run', '--offline', '--profile', ''), ids(profiles));
  t.same(await next('run', '--workload', ''), ids(workloads));
  t.same(await next('run', '--accelerator', 'k'), ['kvm']);
  t.same(await next('shell', ''), ids(kernels));
  t.same(
    await next('images', 'fetch', 'vanilla-3.2', 'vanilla-3.2-'),
    ['vanilla-3.2-aufs'],
    'one of several',
  );
  t.notOk((await next('images', 'build', '')).includes('debian-6.1-cloud'), 'nothing to build that from');
  t.same(await next('completion', ''), ['bash', 'zsh', 'fish']);
  const runs = await next('run', '--resume', '');
  t.ok(runs.includes('latest'));
  t.same(await next('report', ''), runs);
});

t.test('shells break --option=value differently, and each is understood', async (t) => {
  t.same(await next('run', '--kernel', '=', 'vanilla-3.2-'), ['vanilla-3.2-aufs'], 'bash');
  t.same(await next('run', '--profile', '='), await next('run', '--profile', ''), 'bash, nothing begun');
  t.same(await next('run', '--kernel=vanilla-3.2-'), ['--kernel=vanilla-3.2-aufs'], 'zsh and fish');
  t.same(await next('run', '--kernel=x', '--accelerator', 't'), ['tcg'], 'its value is no word of its own');
});

t.test('names come from the matrix.yml and the runs folder that the line names', async (t) => {
  const folder = t.testdir({ results: { '20260101T000000Z-abc': { 'run.json': '{}' } } });
  const own = await readFile(join(projectRoot, 'matrix.yml'), 'utf8');
  const matrix = join(folder, 'matrix.yml');
  await writeFile(matrix, own.replace(/^profiles:$/m, 'profiles:\n  only-here: {kernel: vanilla-3.2}'));
  t.same(await next('run', '--matrix', matrix, '--profile', 'on'), ['only-here']);
  t.same(await next('run', '--profile', 'on'), [], 'and not in the checkout’s');
  const results = join(folder, 'results');
  t.same(await next('run', '--out', results, '--resume', ''), ['latest', '20260101T000000Z-abc']);
});

t.test('what is unknown or broken is no answer, so that the shell completes files', async (t) => {
  const broken = join(t.testdir({ 'matrix.yml': 'version: [' }), 'matrix.yml');
  t.same(await next('classify', ''), []);
  t.same(await next('run', '--matrix', ''), []);
  t.same(await next('run', '--matrix', broken, '--kernel', ''), []);
  t.same(await next('images', 'import', 'mine', 'arch'), []);
  t.same(await next('shell', 'vanilla-3.2', '--', 'una'), []);
  t.same(await next('nonsense', '--kernel', ''), []);
});

/** Completes in a real shell. */
const shells: Readonly<
  Record<keyof typeof completionScripts, (words: readonly string[]) => Promise<string[]>>
> = {
  // as readline does: COMP_WORDS, the function that is registered, COMPREPLY
  bash: (words) =>
    ask('bash', ['--noprofile', '--norc', '-c'], words, [
      completionScripts.bash(kmatrixScript),
      `[[ $(complete -p kmatrix) == *' -F _kmatrix kmatrix' ]] || exit 9`,
      'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))',
      '_kmatrix',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]),
  // its completion system wants a terminal; the functions that it lends are stood in for by ones that print
  zsh: (words) =>
    ask('zsh', ['-f', '-c'], words, [
      'compdef() { registered="$*" }',
      `_describe() { print -rl -- "\${(@)\${(P@)2}%%:*}" }`,
      '_files() { print FILES }',
      completionScripts.zsh(kmatrixScript),
      '[[ $registered == "_kmatrix kmatrix" ]] || exit 9',
      'words=("$@") CURRENT=$#',
      '_kmatrix',
    ]),
  fish: (words) =>
    ask('fish', ['--no-config', '-c'], words.slice(1), [
      completionScripts.fish(kmatrixScript),
      `complete -C "kmatrix $argv" | string split -f 1 \\t`,
      // string(1) exits 1 where nothing was split
      'true',
    ]),
};

async function ask(
  shell: string,
  options: readonly string[],
  words: readonly string[],
  lines: readonly string[],
): Promise<string[]> {
  // bash and zsh take the first word after the script as $0
  const name = shell === 'fish' ? [] : [shell];
  const all = [...options, lines.join('\n'), ...name, ...words];
  const { stdout, stderr, exitCode } = await execa(shell, all, { reject: false, cwd: projectRoot });
  if (exitCode !== 0) throw new Error(`${shell} exits ${exitCode}: ${stderr}`);
  return stdout.split('\n').filter(Boolean).sort();
}

for (const [shell, complete] of Object.entries(shells)) {
  const { failed } = await execa(shell, ['--version'], { reject: false });
  t.test(
    `${shell} asks and offers the answers`,
    { skip: failed && `${shell} is not installed` },
    async (t) => {
      t.same(await complete(['kmatrix', 'images', 'im']), ['import']);
      t.same(await complete(['kmatrix', 'run', '--kernel', 'vanilla-3.2']), [
        'vanilla-3.2',
        'vanilla-3.2-aufs',
      ]);
      const files = await complete(['kmatrix', 'classify', 'READ']);
      // bash itself falls back (complete -o default), which only a terminal shows
      t.same(files, { bash: [], zsh: ['FILES'], fish: ['README.md'] }[shell], 'files');
    },
  );
}

t.test('the command line prints the scripts, and refuses a shell that it doesn’t know', async (t) => {
  const { stdout } = await kmatrix(['completion', 'bash']);
  t.equal(stdout, completionScripts.bash(kmatrixScript));
  const { exitCode, stderr } = await kmatrix(['completion', 'tcsh']);
  t.equal(exitCode, 2);
  t.match(stderr, /bash, zsh, fish/);
});
