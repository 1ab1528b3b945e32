/**
 * Looks for directories that are full of session-like files, which nobody configured.
 *
 * Invariant: it only reads names, types, ages and sizes. Below the directories that were named it
 * follows no link, enters no mount, reads no directory twice and ends within its limits; what it therefore
 * did not see, a warning tells.
 *
 * The walk keeps an explicit stack of directories with what each was when it was seen, so that one
 * that has been replaced by the time its turn comes is left alone.
 */
import { performance } from 'node:perf_hooks';
import { Marks } from '../../apps/marks.js';
import type { ByteString } from '../../php/byte-string.js';
import { tidyPath } from '../../php/paths.js';
import type { Warning } from '../../php/provenance.js';
import { mountsThatMayHang } from '../silent-mounts.js';
import { ApplicationSearch, type TableApplication } from './applications.js';
import { Budget, defaultSearchLimits, type SearchLimits } from './budget.js';
import { Counts } from './counts.js';
import { Findings, type FoundDirectory } from './findings.js';
import { mountPointsAround, processRoot } from './mount-points.js';
import { type Entry, type FileId, OpenDirectory } from './open-directory.js';
import { SearchWarnings } from './search-warnings.js';
import { type SessionKind, sessionKind } from './session-kind.js';

export interface SearchOptions {
  /** When to stop, on the clock; 30 s from now by default. */
  readonly deadline?: number | undefined;
  readonly limits?: Partial<SearchLimits> | undefined;
  /** Milliseconds that never go back. Default: performance.now. */
  readonly clock?: (() => number) | undefined;
}

export interface SearchResult {
  /** The largest first. */
  readonly found: readonly FoundDirectory[];
  /** Those that keep their sessions in a database. */
  readonly applications: readonly TableApplication[];
  /** What was not searched, and why. */
  readonly warnings: readonly Warning[];
}

const defaultDurationMs = 30_000;

/** @param directories absolute; links on the way to them, and they themselves, are followed */
export async function search(
  directories: readonly ByteString[],
  { deadline, limits = {}, clock = () => performance.now() }: SearchOptions = {},
): Promise<SearchResult> {
  const budget = new Budget(
    { ...defaultSearchLimits, ...limits },
    deadline ?? clock() + defaultDurationMs,
    clock,
  );
  const walk = new Search(budget);
  for (const directory of directories) await walk.below(directory);
  return walk.result();
}

interface Pending {
  readonly path: ByteString;
  readonly id: FileId;
  readonly depth: number;
  /** The names of this directory and those above, as far as they are one character long. */
  readonly letters: ByteString;
}

/** One of the directories that were named, and what is the same for everything below it. */
interface Start {
  readonly first: Pending;
  readonly mountPoints: ReadonlySet<ByteString>;
}

/** A directory that is being read. */
interface Reading {
  readonly directory: OpenDirectory;
  readonly here: Pending;
  readonly start: Start;
  readonly counts: Counts;
}

class Search {
  readonly #budget: Budget;
  readonly #findings = new Findings();
  readonly #applications = new ApplicationSearch(mountsThatMayHang());
  readonly #warnings = new SearchWarnings();
  readonly #seen = new Set<string>();
  readonly #pending: Pending[] = [];
  #hasDropped = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  async below(directory: ByteString): Promise<void> {
    if (this.#budget.shortage !== null) return;
    if (!directory.startsWith('/')) {
      this.#warnings.add(directory, 'it is not an absolute path');
      return;
    }
    const start = this.#begin(directory);
    if (start === null) return;
    this.#pending.push(start.first);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      if (!this.#budget.takeDirectory()) return;
      if (this.#budget.isTurnOver) await this.#budget.giveTurn();
      await this.#visit(next, start);
    }
  }

  result(): SearchResult {
    const { limits } = this.#budget;
    const shortage = this.#budget.shortage ?? (this.#hasDropped ? 'directories' : null);
    const reasons = {
      time: 'the time limit was reached',
      directories: `there are more than ${limits.maxDirectories} directories`,
      entries: `there are more than ${limits.maxEntries} files and directories`,
    };
    const incomplete =
      shortage === null
        ? []
        : [{ message: `the search is incomplete: ${reasons[shortage]}; name fewer directories` }];
    return {
      found: this.#findings.list(limits.minSessions),
      applications: this.#applications.list(),
      warnings: [...this.#warnings.list(), ...incomplete],
    };
  }

  #begin(directory: ByteString): Start | null {
    const written = tidyPath(directory);
    try {
      const opened = OpenDirectory.open(written);
      try {
        const { id } = opened;
        // What lies in another process's root has another path there than here.
        const path = processRoot(written) === null ? opened.realPath() : written;
        if (isKernels(path)) {
          this.#warnings.add(path, "these are the kernel's own files");
          return null;
        }
        const first = { path, id, depth: 0, letters: '' };
        return { first, mountPoints: mountPointsAround(path) };
      } finally {
        opened.close();
      }
    } catch (error) {
      this.#warnings.addFailure(written, error);
      return null;
    }
  }

  async #visit(here: Pending, start: Start): Promise<void> {
    // Directories that were named may overlap.
    const name = `${here.id.dev}:${here.id.ino}`;
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const directory = this.#open(here);
    if (directory === null) return;
    const counts = new Counts(here.letters);
    const marks = new Marks();
    let isComplete = false;
    try {
      let entry = directory.next();
      for (; entry !== null && this.#budget.takeEntry(); entry = directory.next()) {
        marks.note(entry.name);
        this.#note(entry, { directory, here, start, counts });
        if (this.#budget.isTurnOver) await this.#budget.giveTurn();
      }
      isComplete = entry === null;
    } catch (error) {
      this.#warnings.addFailure(here.path, error);
    } finally {
      directory.close();
    }
    counts.tell(this.#findings, here.path, isComplete);
    if (marks.mayBeApplication()) this.#applications.look(here.path);
  }

  #open({ path, id }: Pending): OpenDirectory | null {
    try {
      return OpenDirectory.open(path, id);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      if (code === 'ESTALE' || code === 'ELOOP' || code === 'ENOTDIR') {
        this.#warnings.add(path, 'something else was put in its place meanwhile');
      } else {
        this.#warnings.addFailure(path, error);
      }
      return null;
    }
  }

  #note({ name, kind }: Entry, at: Reading): void {
    if (kind === 'file') {
      const session = sessionKind(name);
      if (session === null) at.counts.others += 1;
      else this.#count(name, session, at);
      return;
    }
    if (kind === 'other') return;
    const path = pathIn(at.here, name);
    if (isKernels(path)) return;
    if (at.start.mountPoints.has(path)) {
      if (kind === 'directory') this.#warnings.add(path, mounted);
      return;
    }
    const seen = at.directory.look(name);
    // Where a file system does not tell types with the names, the look does.
    if (seen?.isFile()) this.#note({ name, kind: 'file' }, at);
    if (!seen?.isDirectory()) return;
    if (seen.dev !== at.start.first.id.dev) {
      this.#warnings.add(path, mounted);
      return;
    }
    this.#push({
      path,
      id: { dev: seen.dev, ino: seen.ino },
      depth: at.here.depth + 1,
      letters: /^[A-Za-z0-9,-]$/.test(name) ? at.here.letters + name : '',
    });
  }

  #count(name: ByteString, kind: SessionKind, { directory, here, start, counts }: Reading): void {
    if (!counts.add(name, kind)) return;
    // A look at a file that something is mounted over might never return.
    if (start.mountPoints.has(pathIn(here, name)) || !this.#budget.takeLook()) return;
    const seen = directory.look(name);
    if (seen?.isFile()) counts.take(kind, seen);
  }

  #push(next: Pending): void {
    if (next.depth > this.#budget.limits.maxDepth) {
      this.#warnings.add(next.path, 'it lies too deep');
    } else if (this.#pending.length < this.#budget.directoriesLeft) {
      this.#pending.push(next);
    } else {
      this.#hasDropped = true;
    }
  }
}

const mounted = 'another file system is mounted there; search it by its own name';

/** Where the kernel shows itself as files, here or in another process's root. */
function isKernels(path: ByteString): boolean {
  const inside = path.slice(processRoot(path)?.length ?? 0);
  return /^\/(?:proc|sys|dev)(?:\/|$)/.test(inside);
}

function pathIn({ path }: Pending, name: ByteString): ByteString {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}
