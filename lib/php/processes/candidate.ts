/**
 * Picks the processes that may be running PHP, and reads one of them whole.
 *
 * What is read of a pid is bracketed: start, program, uids and image are read before and after all
 * else, and must be the same. So neither a pid used again nor a program that a user's process turned
 * into (sudo keeps pid and start) can lend its uid to another's arguments.
 *
 * Invariant: a process that ended, is a zombie or a kernel thread is undefined, and no error.
 */
import { type ByteString, printable } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import { cgroupName } from './cgroup.js';
import { ProcFiles } from './proc-files.js';
import { readStat, readUids, type Stat } from './process-owner.js';
import { type Program, programOf, withoutDeleted } from './program.js';
import { insideRoot, type ProcessRoot, type RootComparison } from './roots.js';

const maxArgumentBytes = 256 * 1024;
const maxEnvironmentBytes = 256 * 1024;

export interface Candidate {
  readonly pid: number;
  readonly files: ProcFiles;
  readonly program: Program;
  /** The link /proc/PID/exe as it is; null where we may not read it. */
  readonly exeLink: ByteString | null;
  readonly stat: Stat;
  readonly uids: readonly number[];
}

/** What a process tells, before it is known whose files it sees. */
export interface Reading {
  readonly label: string;
  readonly exe: ByteString | null;
  readonly arguments: readonly ByteString[] | null;
  readonly title: ByteString | null;
  readonly environment: ReadonlyMap<ByteString, ByteString> | null;
  readonly workingDirectory: ByteString | null;
  readonly root: ProcessRoot | null;
  /** The service or container. */
  readonly place: string | null;
  readonly unit: string | null;
  readonly container: string | null;
}

/**
 * Looks at a process for as long as it takes to tell that it does not run PHP.
 *
 * @param isWanted asked as soon as its uids are known, so that a crowd costs little
 * @returns undefined for what does not run PHP, by all that can be seen, or is not wanted
 */
export function candidateOf(
  proc: ByteString,
  pid: number,
  isWanted: (uids: readonly number[]) => boolean = () => true,
): Candidate | undefined {
  const files = new ProcFiles(proc, pid);
  const link = files.link('exe');
  // Kernel threads and zombies have none (ENOENT); those of others are EACCES to us.
  if (link instanceof Unreadable && (link.isMissing || link.reason === 'ESRCH')) return undefined;
  const exeLink = link instanceof Unreadable ? null : link;
  if (exeLink !== null && programOf(withoutDeleted(exeLink)) === undefined) return undefined;
  const uids = readUids(files);
  if (uids instanceof Unreadable || !isWanted(uids)) return undefined;
  const stat = readStat(files);
  if (stat instanceof Unreadable || stat.state === 'Z' || stat.state === 'X') return undefined;
  const program = programOf(exeLink === null ? stat.comm : withoutDeleted(exeLink));
  if (program === undefined) return undefined;
  return { pid, files, program, exeLink, stat, uids };
}

/** Whether it is still the very process and program that the candidate was made of. */
export function isUnchanged({ files, exeLink, stat, uids }: Candidate): boolean {
  const link = files.link('exe');
  const now = readStat(files);
  const uidsNow = readUids(files);
  return (
    (link instanceof Unreadable ? null : link) === exeLink &&
    !(now instanceof Unreadable) &&
    now.startTicks === stat.startTicks &&
    now.image === stat.image &&
    !(uidsNow instanceof Unreadable) &&
    uidsNow.join() === uids.join()
  );
}

/**
 * Whether a process was forked from another and has run no program of its own since: it then has the
 * other's configuration.
 */
export function isForkOf(child: Candidate, parent: Candidate): boolean {
  return (
    child.stat.parent === parent.pid &&
    child.program.sapi === parent.program.sapi &&
    child.exeLink === parent.exeLink &&
    child.stat.image === parent.stat.image &&
    child.stat.startTicks >= parent.stat.startTicks
  );
}

/** @param isWorker it has its configuration from another: only what differs from that is read */
export function read(
  candidate: Candidate,
  isWorker: boolean,
  comparison: RootComparison,
): Reading | undefined {
  const { files, program, exeLink } = candidate;
  const root = comparison.rootOf(files);
  const below = (path: ByteString | Unreadable | null) =>
    root === null || path === null || path instanceof Unreadable
      ? null
      : insideRoot(path, root.path);
  const given = argumentsOf(candidate);
  const cgroup = isWorker ? '' : files.read('cgroup', 64 * 1024);
  const { label: place, unit, container } = cgroupName(cgroup instanceof Unreadable ? '' : cgroup);
  const hasEnvironment = !isWorker && !(program.sapi === 'fpm' && given.title !== null);
  const reading = {
    label: labelOf(program, given.title),
    exe: below(exeLink === null ? null : withoutDeleted(exeLink)),
    ...given,
    environment: hasEnvironment ? environmentOf(files) : null,
    workingDirectory: isWorker ? null : below(files.link('cwd')),
    root,
    place,
    unit,
    container,
  };
  return isUnchanged(candidate) ? reading : undefined;
}

/**
 * FPM writes a title over its arguments and its environment (fpm_env_setproctitle()), LSAPI one over
 * its arguments, or nothing but NULs (setArgv0()).
 */
function argumentsOf({ files, program }: Candidate): Pick<Reading, 'arguments' | 'title'> {
  const text = files.read('cmdline', maxArgumentBytes);
  if (text instanceof Unreadable) return { arguments: null, title: null };
  const words = text.split('\0');
  // Each argument ends with a NUL: what follows the last is none, or was cut off by our limit.
  if (words.length > 1) words.pop();
  const [first = ''] = words;
  if (program.sapi === 'fpm' && first.startsWith('php-fpm: '))
    return { arguments: null, title: first };
  if (program.sapi === 'litespeed') {
    if (first.startsWith('lsphp:')) return { arguments: null, title: first };
    if (words.length > 1 && words.slice(1).every((word) => word === ''))
      return { arguments: null, title: null };
  }
  if (isTitle(words)) return { arguments: null, title: first };
  return { arguments: words, title: null };
}

/**
 * What cli_set_process_title() writes over the arguments: NULs follow it to their end, unless it is
 * too long for them. Nobody starts PHP by a name with a space in it, or with empty arguments only.
 */
function isTitle(words: readonly ByteString[]): boolean {
  const [first = '', ...others] = words;
  return others.length === 0 ? first.includes(' ') : others.every((word) => word === '');
}

function environmentOf(files: ProcFiles): Map<ByteString, ByteString> | null {
  const text = files.read('environ', maxEnvironmentBytes);
  if (text instanceof Unreadable) return null;
  const environment = new Map<ByteString, ByteString>();
  for (const entry of text.slice(0, text.lastIndexOf('\0') + 1).split('\0')) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    // getenv() finds the first.
    if (equals > 0 && !environment.has(name)) environment.set(name, entry.slice(equals + 1));
  }
  return environment;
}

function labelOf({ name }: Program, title: ByteString | null): string {
  const pool = /^php-fpm: pool (.+)$/s.exec(title ?? '')?.[1];
  return pool === undefined ? printable(name) : `${printable(name)} pool ${printable(pool)}`;
}
