import { join } from 'node:path';
import type { Test } from 'tap';

/** The smallest guest: an agent, a library of one function, one workload that uses it. */
export function smallGuest(t: Test): string {
  const folder = t.testdir({
    cache: {},
    agent: { 'main.c': '#include <stdio.h>\nint main(void) { return printf("1234\\n") < 0; }\n' },
    lib: {
      'seven.h': 'int seven(void);\n',
      'seven.c': '#include "seven.h"\nint seven(void) { return 7; }\n',
    },
    workloads: { 'lucky.c': '#include "seven.h"\nint main(void) { return seven(); }\n' },
  });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  return folder;
}
