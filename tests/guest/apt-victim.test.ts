import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';

/** What the guest's library finds in a log, run on this host: `NAME SIGNAL`, or nothing. */
const main = `
  #include "km_log.h"
  #include <stdio.h>
  int main(void) {
    static char text[65536];
    struct km_victim victim;
    text[fread(text, 1, sizeof text - 1, stdin)] = 0;
    if (km_log_victim(text, &victim)) printf("%s %d", victim.name, victim.signal);
    return 0;
  }`;

const library = join(projectRoot, 'images/guest/lib');
const folder = t.testdir();
await writeFile(join(folder, 'main.c'), main);
const sources = ['km', 'km_file', 'km_log'].map((name) => join(library, `${name}.c`));
const program = join(folder, 'main');
await execa('gcc', [
  ...['-std=c99', '-D_GNU_SOURCE', `-I${library}`, '-o', program],
  ...[join(folder, 'main.c'), ...sources],
]);

const victimIn = async (...lines: string[]): Promise<string> =>
  (await execa(program, { input: `${lines.join('\n')}\n` })).stdout;

t.test('the process that a signal killed is found in the words of apt and dpkg', async (t) => {
  t.equal(
    await victimIn('Setting up hello …', 'E: Sub-process /usr/bin/dpkg received a segmentation fault.'),
    '/usr/bin/dpkg 11',
  );
  t.equal(await victimIn('E: Sub-process gpgv received signal 9.'), 'gpgv 9');
  t.equal(await victimIn('E: Sub-process /usr/bin/dpkg exited unexpectedly'), '/usr/bin/dpkg 9');
  t.equal(
    await victimIn(
      'dpkg: error processing package less (--configure):',
      ' installed less package post-installation script subprocess was killed by signal (Segmentation fault), core dumped',
      'Errors were encountered while processing:',
      ' less',
      'E: Sub-process /usr/bin/dpkg returned an error code (1)',
    ),
    'installed less package post-installation script 11',
  );
  t.equal(
    await victimIn('dpkg-deb: error: <decompress> subprocess was killed by signal (Killed)'),
    'dpkg-deb: error: <decompress> 9',
  );
  t.equal(
    await victimIn(' new ed package pre-installation script subprocess returned error exit status 137'),
    'new ed package pre-installation script 9',
  );
});

t.test('a command that failed by itself is nobody’s victim', async (t) => {
  t.equal(
    await victimIn(
      ' installed ed package post-installation script subprocess returned error exit status 1',
      'E: Sub-process /usr/bin/dpkg returned an error code (1)',
    ),
    '',
  );
  t.equal(await victimIn('E: Unable to locate package hello'), '');
});
