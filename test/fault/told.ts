/**
 * What has to be told of a system call that failed.
 *
 * Invariant: only calls that are listed here, with the reason, may fail without a word; and a failure is
 * told by its errno, or by the verdict that it stands for here.
 */
import { verdicts } from '../../lib/native/boundary.js';
import type { Told } from './engine.js';

/** Calls whose failure changes nothing. */
const harmless: readonly {
  readonly call: RegExp;
  readonly error?: RegExp;
  readonly why: string;
}[] = [
  { call: /^close\(/, why: 'nothing was written' },
  { call: /^f?statfs\(/, why: 'it is asked for speed and for a figure' },
  { call: /^(?:openat2|statx|newfstatat)\(AT_FDCWD, "\/"/, why: 'a probe: others do as well' },
  { call: /^landlock_create_ruleset\(NULL/, why: 'a kernel without, whose report says so' },
  { call: /"\/proc\/thread-self\/schedstat"|^pread64\(/, why: 'then helpers stay' },
  {
    call: /^inotify_init1\(|"\/proc\/(?:self\/ns\/pid|locks|sys\/fs\/dentry-state|net\/rpc\/nfsd|fs\/nfs)"/,
    why: 'without the watch each session is locked',
  },
  { call: /^getgroups\(/, why: 'they are taken off once more' },
  { call: /^setfs[ug]id\(-1\)/, why: 'then the identity is changed for certain' },
  { call: /^flock\(/, error: /^EBADF$/, why: 'NFS: a shared lock will do' },
  { call: /^(?:flock|openat2?)\(/, error: /^EAGAIN$/, why: 'in use is what one of them is' },
  { call: /^faccessat2\(/, error: /^ENOSYS$/, why: 'the C library finds out otherwise' },
  { call: /./, error: /^EINTR$/, why: 'it is done again' },
];

/**
 * Whether nobody need hear of it where it made no difference.
 *
 * @param call as strace shows it, failing
 */
export function mayPassUnnoticed(call: string, error: string): boolean {
  return harmless.some((kind) => kind.call.test(call) && kind.error?.test(error) !== false);
}

/** What is done again, or otherwise: then the outcome is that of a call that went well. */
const mended: readonly { readonly call: RegExp; readonly error: RegExp }[] = [
  { call: /^flock\(/, error: /^EBADF$/ },
  // The others never wait for anything that a signal could end.
  {
    call: /^(?:openat2?\((?:\d|AT_FDCWD, "\/proc)|statx|newfstatat|readlinkat|getdents64|flock|unlinkat|renameat2|faccessat2|read)/,
    error: /^EINTR$/,
  },
];

/** Whether it must make no difference. */
export function isMended(call: string, error: string): boolean {
  return mended.some((kind) => kind.call.test(call) && kind.error.test(error));
}

/** Errors that are an answer, where a session is concerned: what keeps it is told as a verdict. */
const answers: readonly { readonly call: RegExp; readonly verdict: keyof Told }[] = [
  { call: /^openat2?\(\d+, "sess_.* EAGAIN/, verdict: 'in_use' },
  { call: /^flock\(.* EAGAIN/, verdict: 'in_use' },
  { call: /^unlinkat\(.* EBUSY/, verdict: 'mount_point' },
  // Strictly: who may have opened it meanwhile keeps it.
  { call: /^fcntl\(\d+, F_GETLEASE/, verdict: 'in_use' },
  { call: /^fcntl\(\d+, F_SET(?:LEASE|OWN_EX).* EAGAIN/, verdict: 'in_use' },
  { call: /^renameat2\(.* EBUSY/, verdict: 'mount_point' },
  { call: /^renameat2\(.* EACCES/, verdict: 'changed' },
  // Who may write to a depth directory, and is denied all the same, has seen it leave the store.
  { call: /^unlinkat\(.* EACCES/, verdict: 'changed' },
  { call: /^openat2?\(\d+, "[ab]".* (?:EACCES|EPERM)/, verdict: 'denied' },
];

/** What of a sweep's outcome is another than without the fault. */
export function isAsWithout(told: Told, without: Told): boolean {
  return (
    told.unusable === undefined &&
    told.complete === without.complete &&
    told.denied === without.denied &&
    told.mounted === without.mounted &&
    told.errors.length === 0 &&
    verdicts.every((verdict) => told[verdict] === without[verdict])
  );
}

/** Whether the report names the error, or its meaning. */
export function isTold(told: Told, without: Told, call: string, error: string): boolean {
  const failures = [...(told.unusable === undefined ? [] : [told.unusable]), ...told.errors];
  if (failures.some(({ code }) => code === error)) return true;
  // Of these the kernel tells no error: who reads back what was set finds that it was not.
  if (/^(?:set|get)(?:fsuid|fsgid|groups)\(/.test(call)) {
    return failures.some(({ code, syscall }) => code === 'EPERM' && syscall === 'setfsuid');
  }
  // Without openat2 mounts are told apart by /proc; where that fails, so does the telling apart.
  if (/"\/proc\/self\/fdinfo|^read\(/.test(call)) {
    return failures.some(({ code }) => code === 'EOPNOTSUPP');
  }
  const failed = `${call.replace(/ = .*/, '')} ${error}`;
  return answers.some(
    (answer) =>
      answer.call.test(failed) && Number(told[answer.verdict]) > Number(without[answer.verdict]),
  );
}
