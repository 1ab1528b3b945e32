/**
 * Which of the web servers that run on this machine are in view of which PHP: those that see the same
 * files, and, where there are none, those of other containers, since FPM takes requests from anywhere.
 *
 * Invariant: the files of a container are looked into only where root put them together.
 */
import type { ByteString } from '../byte-string.js';
import { FileTree } from '../file-tree.js';
import { ProcFiles } from '../processes/proc-files.js';
import type { PhpProcess } from '../processes/process.js';
import { RootComparison } from '../processes/roots.js';
import { findWebServers } from './find-web-servers.js';
import type { RunningServer } from './running.js';
import { nothingServed, type Served, servedFrom, servedIn } from './served.js';

export interface ServersInView {
  readonly runningServers: readonly RunningServer[];
  readonly servedElsewhere: () => Served;
}

export class MachineServers {
  readonly #host: FileTree;
  readonly #running: readonly RunningServer[];
  readonly #proc: ByteString;
  /** By the key of a root. */
  readonly #served = new Map<string, Served>();

  constructor(host: FileTree, running: readonly RunningServer[], proc: ByteString = '/proc') {
    this.#host = host;
    this.#running = running;
    this.#proc = proc;
  }

  ofHost(): ServersInView {
    return {
      runningServers: this.#running.filter(isOfHost),
      servedElsewhere: () => servedIn(this.#host, this.#elsewhere(ofHost)),
    };
  }

  /**
   * @param pid of a process that has these files
   * @param processes all PHP that has them
   */
  of(tree: FileTree, pid: number, processes: readonly PhpProcess[]): ServersInView {
    const root = new RootComparison(this.#proc).rootOf(new ProcFiles(this.#proc, pid));
    const key = root?.key ?? '';
    // A service with a /tmp of its own sees this machine's servers, which need not see its files.
    const isService = processes.some(({ unit }) => unit !== null);
    return {
      runningServers: this.#running.filter(
        (server) =>
          server.root?.key === key ||
          (isService && isOfHost(server) && server.program.reader === null),
      ),
      servedElsewhere: () => servedIn(tree, this.#elsewhere(key)),
    };
  }

  /** What the servers of all other trees serve. */
  #elsewhere(than: string): Served[] {
    const groups = new Map<string, RunningServer[]>();
    for (const server of this.#running) {
      const key = isOfHost(server) ? ofHost : (server.root?.key ?? ofHost);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [server]);
      else group.push(server);
    }
    if (!groups.has(ofHost)) groups.set(ofHost, []);
    return Array.from(groups, ([key, group]) =>
      key === than ? nothingServed : this.#servedBy(key, group),
    );
  }

  #servedBy(key: string, group: readonly RunningServer[]): Served {
    const known = this.#served.get(key);
    if (known !== undefined) return known;
    const served = this.#look(key, group);
    this.#served.set(key, served);
    return served;
  }

  #look(key: string, group: readonly RunningServer[]): Served {
    const [first] = group;
    if (key === ofHost || first === undefined)
      return servedFrom(this.#host, findWebServers(this.#host, group));
    if (first.arrangedBy === 0) {
      const tree = new FileTree(`${this.#proc}/${first.pid}/root`, { isSnapshot: true });
      return servedFrom(tree, findWebServers(tree, group));
    }
    const unread = group.map(({ program, place, pid }) => ({
      label: `${program.name} (${place ?? `process ${pid}`})`,
      speaksLsapi: program.speaksLsapi,
      setBy: first.arrangedBy,
    }));
    return { ...nothingServed, unread, isAny: true };
  }
}

const ofHost = '';

/** A service's private /tmp makes no machine of its own. */
function isOfHost({ root, unit }: RunningServer): boolean {
  return root === null || root.isOurs || unit !== null;
}
