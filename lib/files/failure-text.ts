/**
 * What went wrong, in one line, and what to do about it: for a store that cannot be swept at all,
 * and for failures that happened to single files of one that was.
 *
 * Invariant: a message names the path and the reason and nothing that the addon did not tell; what
 * has no remedy of its own gets none.
 */
import type { SweepFailure } from '../engine/engine.js';
import { SescleError } from '../errors.js';
import type { NativeFailure, NativeRootError } from '../native/boundary.js';
import { escapePath } from '../text/escape-path.js';
import { systemReason } from '../text/system-reason.js';

/** Remedies that are the same for a store and for a file in it. */
const remedies: Readonly<Record<string, string>> = {
  EAGAIN: 'raise the thread limit (TasksMax= in systemd, or ulimit -u)',
  EIO: 'check the kernel log (dmesg): the disk or the file system is damaged',
  EMFILE: 'raise the limit on open files (LimitNOFILE= in systemd, or ulimit -n)',
  ENFILE: 'raise the system-wide limit on open files (sysctl fs.file-max)',
  ENOLCK: 'start the lock service of the network file system (rpc.statd for NFSv3)',
  ENOMEM: 'give this process more memory',
  EROFS: 'remount the file system read-write',
  ESTALE: 'mount the network file system again',
};

/** What strict sweeps are told where a file system cannot do what they need. */
const unsupported = ['EINVAL', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'ENOTTY'];

/** Reasons and remedies of a store's directory that cannot be opened. */
const rootFailures: Readonly<Record<string, { reason: string; remedy: string }>> = {
  ENOENT: {
    reason: 'does not exist',
    remedy: "give the directory that PHP's session.save_path names",
  },
  ENOTDIR: {
    reason: 'is not a directory',
    remedy: 'give the directory that holds the session files',
  },
  EACCES: {
    reason: 'cannot be opened: permission denied',
    remedy: 'run sescle as root or as the owner of the sessions',
  },
  EPERM: {
    reason: 'cannot be opened: operation not permitted',
    remedy: 'run sescle as root or as the owner of the sessions',
  },
  ELOOP: {
    reason: 'leads through too many symbolic links',
    remedy: "give the directory's real path",
  },
  ERR_MAGIC_LINK: {
    reason: 'is a /proc link that is only valid in another process',
    remedy: "give the directory's real path",
  },
  ERR_STORE_CHANGED: {
    reason: 'was replaced or changed owner since it was found',
    remedy: 'run sescle again',
  },
  ERR_STORE_IS_ROOT: {
    reason: 'is the root directory, which is never a session store',
    remedy: "give the directory that PHP's session.save_path names",
  },
};

/** Where the sandbox is refused: what such an error says of a directory is beside the point. */
const unconfined = {
  reason: 'cannot be swept: sescle could not confine its threads to it',
  remedy:
    "allow the landlock_* system calls (SystemCallFilter=, or the container's seccomp profile)",
};

/**
 * What a rejected sweep is told as.
 *
 * @param error what the addon rejected with
 * @param store the store's directory, as bytes
 * @returns a SescleError; anything that is not the addon's root error is returned as it is
 */
export function rootError(error: unknown, store: Buffer): unknown {
  if (!isRootError(error)) return error;
  const { code, errno, syscall } = error;
  const path = escapePath(error.path);
  const known = rootFailures[code];
  let reason = known?.reason ?? `cannot be swept: ${systemReason(errno, code)} (${code})`;
  let remedy = known?.remedy ?? remedies[code];
  if (code === 'ERR_UNSAFE_PATH') {
    reason = `belongs to uid ${error.componentUid}, but uid ${error.ownerUid} owns a directory above it and could point the path anywhere`;
    remedy = "use the directory's real path, or make one user own the whole path (chown)";
  } else if (syscall.startsWith('landlock')) {
    reason = `${unconfined.reason}: ${syscall}: ${systemReason(errno, code)} (${code})`;
    remedy = unconfined.remedy;
  }
  return new SescleError(`${blame(store, path)} ${reason}`, {
    code,
    errno: errno === 0 ? undefined : errno,
    syscall: syscall === '' ? undefined : syscall,
    path,
    remedy,
    cause: error,
  });
}

/** Names the component that is to blame, and the store where that is not the same. */
function blame(store: Buffer, component: string): string {
  const directory = escapePath(store);
  return directory === component ? component : `${directory}: ${component}`;
}

function isRootError(error: unknown): error is NativeRootError {
  return (
    error instanceof Error && 'code' in error && 'path' in error && Buffer.isBuffer(error.path)
  );
}

/** Puts words to failures of single files. */
export function describeFailure({
  code,
  errno,
  syscall,
  path,
  count,
}: NativeFailure): SweepFailure {
  return {
    code,
    errno,
    syscall,
    path: escapePath(path),
    count,
    message:
      code === 'ERR_NOT_ANSWERING'
        ? 'did not stop when cancelled: the file system or the callback is not responding'
        : systemReason(errno, code),
    remedy: remedyFor(code, syscall) ?? null,
  };
}

function remedyFor(code: string, syscall: string): string | undefined {
  const isStrictOnly = syscall.startsWith('fcntl') || syscall.startsWith('renameat2');
  if (isStrictOnly && unsupported.includes(code)) {
    return 'do not use --strict on this file system: it lacks leases or a rename that never overwrites';
  }
  if (code !== 'EACCES' && code !== 'EPERM') return remedies[code];
  if (syscall === 'setfsuid') {
    return 'allow CAP_SETUID and CAP_SETGID, so that sescle can act as the owner';
  }
  if (!syscall.startsWith('unlink') && !syscall.startsWith('rename')) {
    return "run sescle as root or as the file's owner";
  }
  return code === 'EPERM'
    ? "run sescle as root or as the directory's owner; if it already does, check for an immutable file or directory (lsattr)"
    : "run sescle as root or as the directory's owner";
}
