import { openSync } from 'node:fs';
import process from 'node:process';
import { launchQemu } from '../../harness/vm/launch.js';

/* A process of its own: it opens files until it may open no more, starts a machine and prints what it is told. */
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // that was the last one
}
try {
  launchQemu('/usr/bin/qemu-system-x86_64', ['-version']);
} catch (error) {
  process.stdout.write(String(error));
}
