/**
 * Where a file of a kernel package goes in a staged kernel; undefined for what isn't needed. Debian, Ubuntu and its
 * mainline builds agree on boot/; merged-usr packages put modules below usr/, and Debian from 7.x on the kernel beside
 * its modules (package linux-binary).
 */
export function placeKernelFile(path: string): string | undefined {
  const [, boot] =
    /^boot\/(vmlinuz|config|System\.map)-[^/]+$/.exec(path) ??
    /^(?:usr\/)?lib\/modules\/[^/]+\/(vmlinuz|config|System\.map)$/.exec(path) ??
    [];
  if (boot !== undefined) return boot === 'vmlinuz' ? 'bzImage' : boot;
  const [, modules] = /^(?:usr\/)?lib\/modules\/([^/]+\/.+)$/.exec(path) ?? [];
  // build and source are links into header packages; vdso has debug copies
  return modules === undefined || /^[^/]+\/(build|source|vdso)(\/|$)/.test(modules)
    ? undefined
    : `modules/lib/modules/${modules}`;
}
