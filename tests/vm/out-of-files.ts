import { openSync } from 'node:fs';
import process from 'node:process';
import { HostError } from '../../harness/errors.js';
import { launchQemu } from '../../harness/vm/launch.js';

/* A process of its own: it opens files until it may open no more, starts machines and prints what it is told of each. */
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // that was the last one
}
for (const stateFile of [undefined, '/dev/null']) {
  try {
    launchQemu('/usr/bin/qemu-system-x86_64', ['-version'], { stateFile });
  } catch (error) {
    const remedy = error instanceof HostError ? error.remedy : 'none';
    process.stdout.write(`${error}; ${remedy}\n`);
  }
}
