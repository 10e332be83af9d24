import { printable } from '../../host/printable.js';
import type { BundleDescription } from './bundle-description.js';

/** The README of a bundle: what is in it, what it shows, how to run it. Markdown, readable as it stands. */
export function readmeText(
  { kernel, machine, order, report, recording, files, ...about }: BundleDescription,
  command: string,
): string {
  const has = (name: string): boolean => Object.hasOwn(files, name);
  const line = (name: string, text: string): string => (has(name) ? `    ${name.padEnd(22)}${text}\n` : '');
  const issue = report?.knownIssue ? ` (${report.knownIssue})` : '';
  const shown =
    report === null ? 'The kernel reported nothing.' : `What came: ${printable(report.title, 300)}${issue}.`;
  return `# ${kernel.release}, ${order.workload}, seed ${order.seed}

${shown} Cell ${about.cell}, attempt ${about.attempt}, ${about.startedAt}.

    ./run.sh                boots the machine, starts the workload, tells whether the report came again
${recording ? '    ./run.sh --replay       the recording: the same instructions, the same console, to the byte\n    ./run.sh --gdb          the same, stopped for gdb, which can step backwards\n' : ''}    ./run.sh --help         exit status and options
    kmatrix replay FILE     the same through kmatrix, which also classifies what it sees

run.sh needs qemu-system-x86_64, a POSIX shell, coreutils and grep. The bundle was made with QEMU ${about.qemu} and kmatrix
${about.kmatrix}; a recording needs the QEMU that made it.

## The machine

Kernel ${kernel.release} (${printable(kernel.provenance, 300)}), ${machine.cpus} CPU${machine.cpus === 1 ? '' : 's'}, ${machine.memoryMiB} MiB, ${machine.accelerator}.
Boot arguments beside kmatrix's own: ${machine.bootArguments.join(' ') || 'none'}.
${recording ? `The recording has 1 CPU${recording.machine.memoryMiB === machine.memoryMiB ? '' : `, ${recording.machine.memoryMiB} MiB`}: QEMU records no more.\n` : ''}
    ${command}

The workload is started by one line on the second serial port, start.frame, once the machine has said "ready" there:
${order.workload} seed=${order.seed} iterations=${order.iterations} ${Object.entries(order.args)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}

## Files

${line('bundle.json', 'all of this for programs, with the SHA-256 of each file')}${line('bzImage', 'kernel')}${line('initramfs', 'user space: an agent as PID 1 and the workloads (newc, static programs)')}${line('config', "the kernel's configuration")}${line('boot.words', "QEMU's command line, one argument per line; boot.command is the same for a shell")}${line('replay.words', 'the same for the recording; replay.command likewise')}${line('start.frame', 'what starts the workload; poweroff.frame ends the machine')}${line('limits', 'seconds: for the whole, and after the first words of a report')}${line('expected.frames', 'functions by which run.sh knows the report again, one list per line')}${line('console.log', "the console as seen: the kernel's own words")}${line('report.json', 'the report: signature, frames, known issue')}${line('execution.log', 'the recording; snapshots.qcow2 is its first state')}${line('recorded-console.log', "the recording's console, byte by byte")}${line('replay.gdb', 'commands for gdb')}${line('vmlinux', "the kernel's symbols")}${line('vmcore', "the guest's memory after the report, for crash(8) or gdb")}`;
}
