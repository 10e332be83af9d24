// What CI asks of the sources besides the tests: Biome over TypeScript, JavaScript and JSON, clang-format over C. With
// --write both mend what they can. C's warnings are errors where C is compiled: the guest, the library in QEMU, the
// control module and the tests' own programs are all built with -Wall -Wextra -Werror.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const write = process.argv.includes('--write');

const biome = node('@biomejs/biome/bin/biome', [
  'check',
  '--error-on-warnings',
  ...(write ? ['--write'] : []),
  '.',
]);
const style = write ? ['-i'] : ['--dry-run', '--Werror'];
const clangFormat = node('clang-format-node/build/cli.js', [...style, '--style=file', ...sourcesInC()]);
process.exitCode = biome || clangFormat;

/** Runs a package's program with its own output. @returns its exit status */
function node(program, args) {
  const { status, error } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) process.stderr.write(`lint: ${program}: ${error.message}; npm ci brings it\n`);
  return status ?? 1;
}

/** Every C file that git knows or could know; images/kernels holds files of the kernel's own style. */
function sourcesInC() {
  const { stdout, status, stderr } = spawnSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.c', '*.h', ':!images/kernels'],
    { cwd: root, encoding: 'utf8' },
  );
  const files = stdout.split('\n').filter(Boolean);
  if (status === 0 && files.length > 0) return files;
  process.stderr.write(`lint: git lists no C files here: ${stderr}\n`);
  process.exit(1);
}
