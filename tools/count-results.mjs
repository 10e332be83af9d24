// Adds up the TAP files that the test runner leaves, one for each test file, and prints the line that CI reads. A test file
// that crashed, or in which no test is, counts as a failure of its own; nothing at all counts as one too. (tap's own JSON
// has names with a backslash twice.)
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Parser } from 'tap-parser';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../.tap/test-results');
const files = listTap(folder);
let passed = 0;
let failed = files.length === 0 ? 1 : 0;
let skipped = 0;
for (const file of files) {
  const results = { pass: 0, fail: 0, skip: 0 };
  count(Parser.parse(readFileSync(file, 'utf8')), results);
  if (results.pass + results.fail + results.skip === 0) {
    console.log(`not a single test: ${relative(folder, file)}`);
    results.fail += 1;
  }
  passed += results.pass;
  failed += results.fail;
  skipped += results.skip;
}
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed ? 1 : 0;

/** Top-level tests of a file, so that a test with forty assertions is one. */
function count(events, results) {
  for (const [type, value] of events) {
    if (type === 'assert') {
      if (value.skip || value.todo) {
        results.skip += 1;
        console.log(`skipped: ${value.name} (${value.skip || value.todo})`);
      } else if (value.ok) results.pass += 1;
      else results.fail += 1;
    }
    if (type === 'bailout') results.fail += 1;
    if (type === 'complete' && !value.ok && results.fail === 0) results.fail += 1;
  }
}

function listTap(path) {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.tap'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  } catch {
    return [];
  }
}
