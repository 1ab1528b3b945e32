/**
 * `discoverStores()`: every place where PHP keeps sessions on this machine, found by reading what
 * PHP reads, with where each value came from.
 *
 * Invariant: nothing is changed and nothing is swept here; PHP is run only where root alone could
 * have written what runs. What cannot be read is told and hides nothing else.
 */
import { SescleError } from '../errors.js';
import { askCompiledIn, askSettings, NotAsked } from '../php/ask.js';
import { type ByteString, fromBytes, printable, toBytes } from '../php/byte-string.js';
import { FileTree, type Place, Unreadable } from '../php/file-tree.js';
import { findCollectors } from '../php/processes/collectors.js';
import type { OpenSession, PhpProcess } from '../php/processes/process.js';
import { readProcesses, stillRuns } from '../php/processes/read-processes.js';
import { describeSource, describeWarning, type Setting, type Warning } from '../php/provenance.js';
import type { SessionSettingName, Usage } from '../php/usage.js';
import { absolutePath } from '../working-directory.js';
import {
  type Configuration,
  defaultConfiguration,
  defaultConfigurationFile,
  type StoreEntry,
} from './config/configuration.js';
import { locate } from './located-usage.js';
import { mergeUsages } from './merge.js';
import { addProcess } from './process-usages.js';
import { adoptionLines } from './search/adoption.js';
import type { Discovery, Store, StoreRoot } from './store.js';
import { TreeReader } from './tree-usages.js';

export interface DiscoverOptions {
  /** Look below this directory (a container's root, a mounted image) instead of this machine's own. */
  readonly root?: Buffer | undefined;
  /** Ask this interpreter, and look nowhere else but in sescle's own configuration. */
  readonly php?: Buffer | undefined;
  /** The php.ini that the interpreter is to read. */
  readonly ini?: Buffer | undefined;
  /** sescle's configuration file. Default: /etc/sescle/sescle.toml, if it is there. */
  readonly configuration?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long is looked below document roots, and how long at processes. */
const lookingMs = 400;

/**
 * Finds the session stores of this machine.
 *
 * @returns all of them, those that sescle may not collect with the reason
 * @throws SescleError ERR_INVALID_CONFIGURATION; ERR_INVALID_ARGUMENT if the interpreter cannot be asked
 */
export async function discoverStores(options: DiscoverOptions = {}): Promise<Discovery> {
  const tree = new FileTree(
    options.root === undefined ? '/' : fromBytes(absolutePath(options.root)),
  );
  const configuration = await configurationFor(options, tree);
  const finder = new Finder(configuration, tree);
  if (options.php !== undefined || options.ini !== undefined) await finder.ask(options);
  else await finder.look();
  finder.addEntries();
  options.signal?.throwIfAborted();
  return finder.discovery();
}

/** Most machines have no file, and what reads one takes longer to load than all else to run. */
async function configurationFor(
  { configuration }: DiscoverOptions,
  tree: FileTree,
): Promise<Configuration> {
  const place = tree.find(defaultConfigurationFile);
  if (configuration === undefined && place instanceof Unreadable && place.isMissing) {
    return defaultConfiguration;
  }
  const { loadConfiguration } = await import('./config/load.js');
  return loadConfiguration(
    configuration === undefined ? { tree } : { file: fromBytes(configuration) },
  );
}

class Finder {
  readonly #configuration: Configuration;
  readonly #tree: FileTree;
  readonly #usages: Usage[] = [];
  readonly #warnings: Warning[] = [];
  readonly #entries = new Map<Usage, StoreEntry>();
  readonly #roots = new Map<FileTree, StoreRoot>();
  #openSessions: readonly OpenSession[] = [];

  constructor(configuration: Configuration, tree: FileTree) {
    this.#configuration = configuration;
    this.#tree = tree;
    if (!tree.isHost) this.#roots.set(tree, { path: toBytes(tree.hostRoot), process: null });
  }

  /** Everything that the tree's files and, on this machine, its processes tell. */
  async look(): Promise<void> {
    const switches = this.#configuration.discover;
    const deadline = budgetOf(lookingMs);
    const scan =
      switches.processes && this.#tree.isHost
        ? readProcesses({ deadline: deadlineAfter(lookingMs) })
        : { processes: [], trees: [], openSessions: [], warnings: [] };
    this.#warnings.push(...scan.warnings);
    this.#openSessions = scan.openSessions;
    await this.#readTree(
      this.#tree,
      '',
      deadline,
      scan.processes.filter(({ root }) => root === '/'),
    );
    for (const foreign of scan.trees) {
      const tree = new FileTree(foreign.root, { setBy: foreign.setBy });
      const { pid, startTicks } = foreign;
      this.#roots.set(tree, { path: toBytes(foreign.root), process: { pid, startTicks } });
      const before = this.#usages.length;
      const inTree = scan.processes.filter(({ root }) => root === foreign.root);
      await this.#readTree(tree, `${foreign.label}: `, deadline, inTree);
      // A pid that was used again: what was read may be another's.
      if (!stillRuns(foreign)) this.#usages.length = before;
    }
    this.#warnings.push(...findCollectors(this.#tree));
  }

  async #readTree(
    tree: FileTree,
    labelPrefix: string,
    deadline: () => boolean,
    processes: readonly PhpProcess[],
  ): Promise<void> {
    const reader = new TreeReader(tree, {
      switches: this.#configuration.discover,
      labelPrefix,
      deadline,
    });
    await reader.read();
    for (const process of processes) addProcess(reader, process, tree, this.#tree);
    // After the processes: they lead to document roots too.
    reader.addUserFiles();
    this.#usages.push(...reader.usages);
    this.#warnings.push(...reader.warnings);
  }

  /** The original's way: one interpreter, and the php.ini that it is told to read. */
  async ask({ php, ini }: DiscoverOptions): Promise<void> {
    const binary = php === undefined ? '/usr/bin/php' : fromBytes(php);
    const compiledIn = await askCompiledIn(this.#tree, binary);
    if (compiledIn instanceof NotAsked) throw cannotAsk(binary, compiledIn);
    const asked = await askSettings(this.#tree, compiledIn, {
      override: ini === undefined ? undefined : fromBytes(ini),
    });
    if (asked instanceof NotAsked) throw cannotAsk(binary, asked);
    this.#warnings.push(...compiledIn.warnings, ...asked.warnings);
    this.#usages.push({
      label: printable(binary),
      sapi: 'cli',
      tree: this.#tree,
      runsAs: null,
      chroot: null,
      settings: new Map([...compiledIn.settings, ...asked.settings]),
      warnings: [],
    });
  }

  /** The stores that sescle's own configuration names. */
  addEntries(): void {
    for (const entry of this.#configuration.stores) {
      const setting = (value: ByteString): Setting => ({ value, source: entry.source, setBy: 0 });
      const settings = new Map<SessionSettingName, Setting>([
        ['session.save_path', { ...entry.savePath, setBy: 0 }],
      ]);
      if (entry.lifetime !== null && entry.lifetime.value !== 'never') {
        settings.set('session.gc_maxlifetime', setting(String(entry.lifetime.value)));
      }
      const usage: Usage = {
        label: `[[store]] in ${describeSource(entry.source)}`,
        sapi: 'configuration',
        tree: this.#tree,
        runsAs: null,
        chroot: null,
        settings,
        warnings: [],
      };
      this.#entries.set(usage, entry);
      this.#usages.push(usage);
    }
  }

  discovery(): Discovery {
    const stores = mergeUsages(this.#usages, {
      configuration: this.#configuration,
      entryOf: (usage) => this.#entries.get(usage),
      rootOf: ({ tree }) => this.#roots.get(tree) ?? null,
    });
    return {
      stores: [...stores, ...this.#unknownStores()],
      warnings: [...new Set(this.#warnings.map(describeWarning))],
    };
  }

  /** Directories in which a process has a session open, and which nobody has configured. */
  #unknownStores(): Store[] {
    const known = new Set(
      this.#usages.map((usage) => {
        const stat = locate(usage).place?.stat;
        return stat === undefined ? '' : `${stat.dev}:${stat.ino}`;
      }),
    );
    const isKnown = ({ stat }: Place) => known.has(`${stat.dev}:${stat.ino}`);
    return this.#openSessions.flatMap((session) => {
      const tree = session.root === '/' ? this.#tree : new FileTree(session.root);
      const names = session.directory.split('/');
      // `/srv/a` with a session `ab…` can be the level 1 of `/srv` or a store of its own.
      const places = Array.from({ length: session.depth + 1 }, (_, depth) =>
        tree.find(names.slice(0, names.length - depth).join('/')),
      ).filter((place) => 'stat' in place);
      const base = places.at(-1);
      if (base === undefined || places.some(isKnown)) return [];
      known.add(`${base.stat.dev}:${base.stat.ino}`);
      return [unknownStore(session, base)];
    });
  }
}

/** An application's own choice, by ini_set() or session_save_path(): shown, never swept. */
function unknownStore(session: OpenSession, { hostPath, path, stat }: Place): Store {
  const { depth, label, pid } = session;
  const shownPath = printable(hostPath);
  return {
    id: depth === 0 ? shownPath : `${depth};${shownPath}`,
    handler: 'files',
    path: shownPath,
    depth,
    maxLifetime: null,
    lifetimesByUser: [],
    grace: 0,
    user: null,
    usedBy: [`${label} (pid ${pid})`],
    collectable: false,
    reason:
      `an application of uid ${session.uid} chose this directory of uid ${stat.uid} itself, ` +
      `and its lifetime is not known: ${howToAdopt(session, path)}`,
    settings: {},
    warnings: [],
    target: null,
  };
}

function howToAdopt({ root, depth }: OpenSession, directory: ByteString): string {
  const setInPhp = "set session.save_path and session.gc_maxlifetime in PHP's configuration";
  // [[store]] is about this machine's own files, and /proc/PID/root about one process.
  if (root !== '/') return `to adopt it, ${setInPhp} there`;
  const lines = adoptionLines(directory, depth, 'php');
  if (lines === null) return `to adopt it, ${setInPhp}`;
  const [table = '', ...fields] = lines.trimEnd().split('\n');
  const bare = fields.map((field) => field.replace(/ # .*$/, ''));
  return `to adopt it, write ${[table, ...bare].join(' ⏎ ')} into /etc/sescle/sescle.toml`;
}

function cannotAsk(binary: ByteString, { warning }: NotAsked): SescleError {
  return new SescleError(`${printable(binary)} was not asked: ${warning.message}`, {
    code: 'ERR_INVALID_ARGUMENT',
    path: printable(binary),
    remedy: 'give -p an interpreter that root alone can write to',
  });
}

function deadlineAfter(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() > end;
}

/** The time counts from the first question: what went before is not charged to it. */
function budgetOf(ms: number): () => boolean {
  let isOver: (() => boolean) | undefined;
  return () => {
    isOver ??= deadlineAfter(ms);
    return isOver();
  };
}
