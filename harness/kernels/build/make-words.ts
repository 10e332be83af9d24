import type { Quirk } from './quirks.js';
import type { Toolchain } from './toolchain.js';

/** What make is called with for one kernel, but for its targets. */
export interface MakeCall {
  readonly source: string;
  readonly build: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The call for a source tree and an empty or begun build folder.
 *
 * Flags go into CC, LD and HOSTCC themselves: KCFLAGS would not reach what has flags of its own (arch/x86/boot, the
 * vdso), and words there come before the kernel's, which win. ARCH and CROSS_COMPILE are on the command line because
 * board vendors' trees set them in the Makefile.
 *
 * @param scratch folder around both, so that ccache finds the same object again from another scratch folder
 */
export function makeCall(
  scratch: string,
  source: string,
  build: string,
  quirks: readonly Quirk[],
  { ccache }: Toolchain,
): MakeCall {
  const gcc = ccache ? 'ccache gcc' : 'gcc';
  // BUG() prints __FILE__, and the scratch folder's name is nobody's business; ccache relates paths to its base itself
  const files = ccache ? '' : ` -fmacro-prefix-map=${source}/=`;
  return {
    source,
    build,
    words: ['-C', source, `O=${build}`, ...toolWords(quirks, gcc, files)],
    environment: {
      ...fromHost(),
      LC_ALL: 'C',
      TZ: 'UTC',
      // nothing of this host, user or day in the image, so that two hosts can make the same bytes (kernels before
      // 2.6.39 put the day in all the same)
      KBUILD_BUILD_USER: 'kmatrix',
      KBUILD_BUILD_HOST: 'kmatrix',
      KBUILD_BUILD_TIMESTAMP: 'Thu Jan  1 00:00:00 UTC 1970',
      KBUILD_BUILD_VERSION: '1',
      // setlocalversion would look for a repository around the scratch copy
      LOCALVERSION: '',
      CCACHE_BASEDIR: scratch,
    },
  };
}

/**
 * What make is told of the tools, for a kernel and for modules of it.
 *
 * @param files further words for the compiler alone
 */
export const toolWords = (quirks: readonly Quirk[], gcc = 'gcc', files = ''): readonly string[] => {
  const command = (program: string, kind: 'compiler' | 'linker' | 'host'): string =>
    [program, ...quirks.flatMap((quirk) => quirk[kind])].join(' ');
  return [
    'ARCH=x86',
    'CROSS_COMPILE=',
    `CC=${command(gcc, 'compiler')}${files}`,
    `LD=${command('ld', 'linker')}`,
    `HOSTCC=${command(gcc, 'host')}`,
  ];
};

/** Nothing else of the caller's environment: MAKEFLAGS, ARCH, KCFLAGS or CPATH there would change the kernel. */
const fromHost = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && /^(PATH|HOME|TMPDIR|CCACHE_\w+)$/.test(name) ? [[name, value]] : [],
    ),
  );
