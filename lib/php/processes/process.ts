/**
 * What is known of the PHP that runs on this machine: the contract between the readers of /proc and
 * discovery.
 *
 * Invariant: `setBy` is the process's word about itself and never 0 unless root (or the caller, where
 * that is not root) is all that it runs as. Paths are as the process sees them, below its own root,
 * and are looked for below `root`, never in our own files when that is another.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Source, Warning } from '../provenance.js';
import type { Sapi } from '../usage.js';

/** The SAPIs that run as a process. */
export type ProcessSapi = Exclude<Sapi, 'configuration'>;

/** How one was started, as its memory tells. */
export interface PhpStart {
  /** The php.ini that it read; null: none. */
  readonly mainFile: ByteString | null;
  /** The directories of the other ini files that it read, in their order. */
  readonly scanDirectories: readonly ByteString[];
  /** What it made of its `-d` options: `name=value`. */
  readonly defines: readonly ByteString[];
  /** Its environment, which FPM keeps a copy of; null where the C library does not tell. */
  readonly environment: ReadonlyMap<ByteString, ByteString> | null;
}

export interface PhpProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: a pid and its start never come again before the next boot. */
  readonly startTicks: number;
  readonly sapi: ProcessSapi;
  /** For people, as `php-fpm8.2 pool www`. */
  readonly label: string;
  /** The program, below its root; null where it cannot be read. It may have been replaced since. */
  readonly exe: ByteString | null;
  /** Its program's name, cut after 15 bytes where `exe` cannot be read. */
  readonly program?: ByteString;
  /** As `8.2`, where the program's path tells. */
  readonly version: string | null;
  /** Whom it acts as, in our user namespace. */
  readonly uid: number;
  readonly setBy: Setter;
  /** The process that it was forked from and has its configuration from; null: it has its own. */
  readonly master: number | null;
  /** What it was started with; null where it overwrote them (FPM and LSAPI do). */
  readonly arguments: readonly ByteString[] | null;
  /** Null where it cannot be read, or was overwritten (FPM does), and for those with a master. */
  readonly environment: ReadonlyMap<ByteString, ByteString> | null;
  /** What it shows instead of its arguments, as `php-fpm: pool www`. */
  readonly title: ByteString | null;
  readonly workingDirectory: ByteString | null;
  /** Its root directory for us: `/` is ours, else `/proc/PID/root`; null: it cannot be read. */
  readonly root: ByteString | null;
  /** The systemd unit, as `php8.2-fpm.service`, if it is one of the system's; null: none. */
  readonly unit: string | null;
  /** The full ID of the container that it runs in, as its runtime has it; null: none. */
  readonly container?: string | null;
  /** The ini files that it read when it started, where it tells; its arguments then say no more of that. */
  readonly iniFiles?: Pick<PhpStart, 'mainFile' | 'scanDirectories'>;
  /** Where its start is written, if it is not a process that runs. */
  readonly source?: Source;
  /** For every usage of this process: what of its start was lost, and whose word that hides. */
  readonly warnings?: readonly Warning[];
}

/** Files that PHP runs in which are not ours: a container's, a chroot's, a service's with PrivateTmp. */
export interface ForeignTree {
  /** As `/proc/123/root`. */
  readonly root: ByteString;
  /** The oldest of the PHP processes in it, without those that have a master. */
  readonly pid: number;
  readonly startTicks: number;
  /** For people, as `php8.2-fpm.service`, `docker 0123456789ab`. */
  readonly label: string;
  /**
   * Who put these files together, and could have mounted root's own files where they do not belong.
   * Whatever is read there is at most this user's word, however it is owned.
   */
  readonly setBy: Setter;
}

/** A directory in which PHP has a session open. */
export interface OpenSession {
  /** That of the file, below `root`. */
  readonly directory: ByteString;
  /** How many of its last names are characters that the session's ID begins with. */
  readonly depth: number;
  /** The first of the processes that have one open there. */
  readonly pid: number;
  readonly label: string;
  readonly uid: number;
  readonly setBy: Setter;
  /** `/` for ours, else `/proc/PID/root`. */
  readonly root: ByteString;
}

export interface ProcessScan {
  readonly processes: readonly PhpProcess[];
  readonly trees: readonly ForeignTree[];
  readonly openSessions: readonly OpenSession[];
  readonly warnings: readonly Warning[];
}
