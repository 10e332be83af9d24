import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toJson } from '../../diagnosis/to-json.js';
import { encodeFrame } from '../../guest/frames.js';
import { withFileErrors } from '../../host/file-errors.js';
import { sha256, sha256File } from '../../host/hash.js';
import { projectRoot } from '../../host/project.js';
import { shellQuoted } from '../../host/shell-quoted.js';
import { kmatrixVersion } from '../../host/version.js';
import { openKernel } from '../../kernels/kernel-entries.js';
import type { MachineSpec } from '../../vm/types.js';
import type { BundleDescription } from './bundle-description.js';
import type { BundleFile } from './bundle-files.js';
import type { BundleRequest } from './bundle-request.js';
import { bundledOrder } from './bundled-order.js';
import { expectedFrames } from './expected-frames.js';
import { withFatalPatterns } from './fatal-patterns.js';
import { compressionOf, type PackedFile, packBundle } from './pack-bundle.js';
import { portableWords } from './portable-words.js';
import { readmeText } from './readme-text.js';
import { replayGdb } from './replay-gdb.js';

/**
 * Puts an attempt into one file that needs nothing but QEMU and a shell to run again: kernel, initramfs, command line,
 * start order, what came of it, and where there are such the recording and the memory.
 *
 * @param file NAME.tar.zst or NAME.tar.gz; it appears when it is whole, and replaces an older one
 * @returns the bundle's id: SHA-256 (hex) of its bundle.json
 * @throws UsageError for another name; HostError where it can't be written; the signal's reason
 */
export async function writeBundle(
  request: BundleRequest,
  file: string,
  signal: AbortSignal,
): Promise<string> {
  compressionOf(file);
  signal.throwIfAborted();
  const files = await filesOf(request);
  const named: Record<string, { bytes: number; sha256: string }> = {};
  for (const { name, content } of files) {
    const where = typeof content === 'string' ? '' : content.path;
    named[name] =
      typeof content === 'string'
        ? { bytes: Buffer.byteLength(content), sha256: sha256(content) }
        : await withFileErrors(where, async () => ({
            bytes: (await stat(where)).size,
            sha256: await sha256File(where),
          }));
    signal.throwIfAborted();
  }
  const description = describe(request, named);
  const readme = readmeText(description, shellQuoted(['qemu-system-x86_64', ...portableWords(request.spec)]));
  named.README = { bytes: Buffer.byteLength(readme), sha256: sha256(readme) };
  const described = json(description);
  files.push(text('README', readme), text('bundle.json', described));
  await packBundle(folderName(request), files, file, signal);
  return sha256(described);
}

async function filesOf(request: BundleRequest): Promise<PackedFile[]> {
  const { attempt, spec, startedAt, recording, report } = request;
  const { folder } = attempt.image.kernel;
  const frames = expectedFrames(report).map((names) => `${names.join(' ')}\n`);
  const { overallSeconds, graceSeconds } = limitsOf(request);
  const script = await readFile(join(projectRoot, 'harness', 'repro', 'bundle', 'run.sh'), 'utf8');
  const files: PackedFile[] = [
    { name: 'run.sh', content: withFatalPatterns(script), executable: true },
    { name: 'bzImage', content: { path: spec.bzImage } },
    { name: 'initramfs', content: { path: spec.initramfs } },
    ...commands('boot', portableWords(spec)),
    text('start.frame', encodeFrame(1, { type: 'start', ...bundledOrder(attempt, startedAt) })),
    text('poweroff.frame', encodeFrame(2, { type: 'poweroff' })),
    text('limits', `${overallSeconds} ${graceSeconds}\n`),
    text('expected.frames', frames.join('')),
    text('console.log', request.console),
    text('report.json', json(report && { ...toJson(report), comm: report.comm, seconds: report.seconds })),
  ];
  const optional: readonly (readonly [BundleFile, string | undefined])[] = [
    ['config', attempt.image.kernel.config],
    ['vmcore', request.vmcore],
    ['vmlinux', request.symbols ? vmlinuxOf(folder) : undefined],
    ['execution.log', recording?.log],
    ['snapshots.qcow2', recording?.snapshots],
    ['recorded-console.log', recording?.console],
  ];
  for (const [name, path] of optional) if (path !== undefined) files.push({ name, content: { path } });
  if (recording !== undefined) {
    files.push(...commands('replay', portableWords(recording.spec, { mode: 'replay' })));
    files.push(text('replay.gdb', replayGdb));
  }
  return files;
}

/** The cache keeps the vmlinux of kernels that were built from trees. */
export function vmlinuxOf(kernelFolder: string): string | undefined {
  const path = join(kernelFolder, 'vmlinux');
  return existsSync(path) ? path : undefined;
}

const commands = (name: 'boot' | 'replay', words: readonly string[]): PackedFile[] => [
  text(`${name}.words`, words.map((word) => `${word}\n`).join('')),
  text(`${name}.command`, `${shellQuoted(['qemu-system-x86_64', ...words])}\n`),
];

const text = (name: BundleFile, content: string): PackedFile => ({ name, content });

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Whoever unpacks a bundle may have a slower host than this one: ten times the workload's own time on hardware, which is
 * what TCG costs, and six times that.
 */
function limitsOf({ attempt }: BundleRequest) {
  const workloadSeconds = attempt.cell.workload.timeoutSeconds * 60;
  return { workloadSeconds, overallSeconds: workloadSeconds + bootSeconds, graceSeconds: 8 };
}

/** A boot under TCG takes 2 to 4 s alone, and many times that on a busy host. */
const bootSeconds = 300;

function describe(request: BundleRequest, files: BundleDescription['files']): BundleDescription {
  const { attempt, spec, startedAt, recording, report } = request;
  const { release, provenance, id } = attempt.image.kernel;
  const { workloadSeconds, graceSeconds } = limitsOf(request);
  return {
    format: 1,
    kmatrix: kmatrixVersion,
    qemu: spec.qemu.version,
    kernel: { release, provenance, id },
    cell: attempt.key.cell,
    attempt: attempt.key.index,
    startedAt,
    machine: machineOf(spec),
    order: mutable(bundledOrder(attempt, startedAt)),
    limits: { workloadSeconds, graceSeconds },
    report: report && {
      kind: report.kind,
      title: report.title,
      signature: report.signature,
      knownIssue: report.knownIssue,
    },
    recording: recording
      ? { machine: machineOf(recording.spec), order: mutable(recording.order), seconds: recording.seconds }
      : null,
    files,
  };
}

const machineOf = ({ accelerator, shape, bootArguments }: MachineSpec): BundleDescription['machine'] => ({
  accelerator,
  ...shape,
  bootArguments: [...bootArguments],
});

const mutable = (order: ReturnType<typeof bundledOrder>): BundleDescription['order'] => ({
  ...order,
  args: { ...order.args },
});

/** One folder, named after what is in it; the file's own name is its user's. */
const folderName = ({ attempt }: BundleRequest): string =>
  `kmatrix-${attempt.image.kernel.release}-${attempt.key.seed}`.replace(/[^A-Za-z0-9._+-]/g, '_');

/** The vmlinux that came with a bundle, or the cache's of the same kernel; undefined where neither is there. */
export async function findKernelSymbols(folder: string, kernelId: string): Promise<string | undefined> {
  const own = join(folder, 'vmlinux');
  if (existsSync(own)) return own;
  const kernel = await openKernel(kernelId);
  return kernel && vmlinuxOf(kernel.folder);
}
