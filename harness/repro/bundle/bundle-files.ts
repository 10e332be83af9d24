/** What may stand in a bundle, below its one folder; the most that each may have, in bytes. */
export const bundleFiles = {
  README: 2 ** 20,
  'boot.words': 2 ** 20,
  'boot.command': 2 ** 20,
  'bundle.json': 2 ** 20,
  bzImage: 2 ** 28,
  config: 2 ** 24,
  'console.log': 2 ** 26,
  'execution.log': 2 ** 34,
  'expected.frames': 2 ** 20,
  initramfs: 2 ** 30,
  limits: 2 ** 10,
  'poweroff.frame': 2 ** 12,
  'recorded-console.log': 2 ** 26,
  'replay.command': 2 ** 20,
  'replay.gdb': 2 ** 20,
  'replay.words': 2 ** 20,
  'report.json': 2 ** 24,
  'run.sh': 2 ** 20,
  'snapshots.qcow2': 2 ** 34,
  'start.frame': 2 ** 12,
  vmcore: 2 ** 36,
  vmlinux: 2 ** 31,
} as const satisfies Readonly<Record<string, number>>;

export type BundleFile = keyof typeof bundleFiles;

export const isBundleFile = (name: string): name is BundleFile => Object.hasOwn(bundleFiles, name);

/** What kmatrix itself reads of a bundle. The rest is for people and is not unpacked. */
export const filesToReplay: ReadonlySet<BundleFile> = new Set([
  'bundle.json',
  'bzImage',
  'initramfs',
  'console.log',
  'recorded-console.log',
  'execution.log',
  'snapshots.qcow2',
  'vmlinux',
]);
