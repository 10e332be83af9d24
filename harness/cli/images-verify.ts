import process from 'node:process';
import type { Command } from 'commander';
import { type Verified, verifyCache } from '../cache/verify.js';

export function verifyCommand(images: Command): void {
  images
    .command('verify')
    .summary('read every byte of the cache and remove what is broken')
    .description(
      'Reads kernels, what was made from them, and downloads; removes what is broken. Exits 1 if anything was broken.',
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  kmatrix images verify')
    .action(async (options: { readonly json?: boolean }) => {
      const all: Verified[] = [];
      for await (const one of verifyCache()) {
        all.push(one);
        if (!options.json) process.stdout.write(`${line(one)}\n`);
      }
      const broken = all.filter(({ trouble }) => trouble !== undefined).length;
      if (options.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
      else process.stdout.write(`${all.length} read, ${broken === 0 ? 'all intact' : `${broken} removed`}\n`);
      if (broken > 0) process.exitCode = 1;
    });
}

const line = ({ kind, id, name, trouble }: Verified): string =>
  `${id.slice(0, 12)}  ${kind.padEnd(15)}  ${name.padEnd(28)}  ${trouble === undefined ? 'ok' : `removed: ${trouble}`}`;
