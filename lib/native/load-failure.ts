/**
 * Why the addon could not be loaded, told so that the reader can mend it.
 *
 * Invariant: any thrown value becomes one SescleError ERR_ADDON_LOAD of one line, with the loader's
 * own words in it; what is recognised gets a remedy of its own, all else the general one.
 * The wordings are those of glibc's and musl's ld.so and of Node's src/node_binding.cc.
 */
import { SescleError } from '../errors.js';
import { escapePath } from '../text/escape-path.js';
import type { CLibrary } from './c-library.js';

/** The machine and the place, passed in so that every failure can be told about on any machine. */
export interface LoadCircumstances {
  /** The directory of sescle's package.json. */
  readonly packageRoot: string;
  readonly platform: string;
  readonly arch: string;
  readonly cLibrary: CLibrary;
  /** As `v20.17.0`. */
  readonly nodeVersion: string;
}

interface Cause {
  readonly said: RegExp;
  readonly means: (circumstances: LoadCircumstances) => string;
  /** Where it is missing: build the addon. */
  readonly remedy?: string;
}

/** What the loader says, what that means, and what to do about it. The first match counts. */
const causes: readonly Cause[] = [
  {
    said: /NODE_MODULE_VERSION/,
    means: ({ nodeVersion }) =>
      `it was built for another version of Node.js than this ${nodeVersion}`,
  },
  {
    said: /undefined symbol: napi_|napi_\w+: symbol not found/,
    means: ({ nodeVersion }) => `this Node.js (${nodeVersion}) lacks a function that it needs`,
    remedy: 'use Node.js 20.17 or later',
  },
  {
    said: /version [`'"]?(GLIBC|GLIBCXX|CXXABI)_[0-9.]+'? not found/,
    means: () => 'it was built on a system with newer system libraries than this one has',
  },
  {
    // glibc's loader misses musl's library, or musl's misses glibc's.
    said: /(libc\.musl|ld-musl)[^:]*: cannot open|shared library ld-linux|__\w+_chk: symbol not found|libc\.so\.6/,
    means: () => 'it was built for another C library (glibc on one system, musl on the other)',
  },
  {
    said: /lib(stdc\+\+|gcc_s)\.so/,
    means: () => 'the C++ runtime library is not installed',
    remedy: 'install libstdc++ (Alpine: apk add libstdc++; Debian: apt-get install libstdc++6)',
  },
  {
    said: /file too short/,
    means: () => 'it was cut short, as on a full disk',
  },
  {
    // glibc's words for its own machine's lack, of a file that is there.
    said: /sescle\.node: cannot open shared object file: No such file/,
    means: ({ arch }) => `it was built for another kind of machine than this one (${arch})`,
  },
  {
    said: /wrong ELF class|invalid ELF header|Exec format error|Relocations? (type|error)/i,
    means: ({ arch }) =>
      `it was built for another kind of machine than this one (${arch}), or the file is damaged`,
  },
  {
    said: /failed to map segment|Operation not permitted/,
    means: () => 'the file system that it lies on does not allow programs to run (noexec)',
    remedy: 'install sescle on a file system that is mounted without noexec',
  },
  {
    said: /Permission denied/i,
    means: () => 'this user may not read it',
    remedy: "give this user the right to read sescle's directory, or install sescle as this user",
  },
];

/**
 * @param error what loading threw
 * @param circumstances where that was
 */
export function explainLoadFailure(error: unknown, circumstances: LoadCircumstances): SescleError {
  const { platform, packageRoot, arch, cLibrary } = circumstances;
  const root = escapePath(packageRoot);
  const build = `build it on this machine with: npm --prefix ${root} run build:native (needs python3, make and g++)`;
  if (platform !== 'linux') {
    return failure(
      error,
      root,
      `sescle runs on Linux only, and this is ${platform}`,
      'use it on Linux',
    );
  }
  const tries = triedPaths(error);
  if (tries !== undefined) {
    const tried = tries.map((path) =>
      escapePath(path.startsWith(packageRoot) ? path.slice(packageRoot.length) : path),
    );
    return failure(
      error,
      root,
      `sescle has no native addon for this machine (${arch}, ${cLibrary}): in ${root} there is none of ${tried.join(', ')}`,
      build,
    );
  }
  const said = escapePath(
    (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*\n\s*/g, ' '),
  );
  const cause = causes.find((candidate) => candidate.said.test(said));
  const means = cause === undefined ? '' : `${cause.means(circumstances)}: `;
  return failure(
    error,
    root,
    `sescle's native addon in ${root} cannot be loaded: ${means}${said}`,
    cause?.remedy ?? build,
  );
}

/** The paths that `bindings` looked at, if what it threw says that there is no such file. */
function triedPaths(error: unknown): string[] | undefined {
  const tries: unknown = error instanceof Error && 'tries' in error ? error.tries : undefined;
  return Array.isArray(tries) ? tries.map(String) : undefined;
}

function failure(cause: unknown, path: string, message: string, remedy: string): SescleError {
  return new SescleError(message, { code: 'ERR_ADDON_LOAD', path, remedy, cause });
}
