/**
 * Puts discovery together: what the files of each tree and the processes in it tell, what sescle's
 * own configuration adds, and the stores that follow from all of it.
 *
 * Invariant: nothing is changed and nothing is swept here; PHP is run only where root alone could
 * have written what runs. What cannot be read is told and hides nothing else; where it could have
 * said that sessions live longer, these are not collected.
 */
import { setImmediate } from 'node:timers/promises';
import { shardText } from '../engine/shard.js';
import { SescleError } from '../errors.js';
import { askCompiledIn, askSettings, NotAsked } from '../php/ask.js';
import { type ByteString, fromBytes, printable, toBytes } from '../php/byte-string.js';
import { FileTree, type Place, Unreadable } from '../php/file-tree.js';
import { findCollectors } from '../php/processes/collectors.js';
import type { OpenSession, PhpProcess, ProcessScan } from '../php/processes/process.js';
import { readProcesses, stillRuns } from '../php/processes/read-processes.js';
import {
  bothSetters,
  describeSource,
  describeWarning,
  type Setter,
  type Setting,
  type Warning,
} from '../php/provenance.js';
import { asRootSays, layered, type SessionSettingName, type Usage } from '../php/usage.js';
import { MachineServers, type ServersInView } from '../php/web-servers/machine-servers.js';
import { runningServers } from '../php/web-servers/running.js';
import { absolutePath } from '../working-directory.js';
import { addCages } from './cage-usages.js';
import {
  type Configuration,
  defaultConfiguration,
  defaultConfigurationFile,
  type StoreEntry,
} from './config/configuration.js';
import type { DiscoverOptions, DiscoveryQuestion } from './discover-options.js';
import { type LocatedUsage, locate } from './located-usage.js';
import { mergeUsages } from './merge.js';
import { addProcess } from './process-usages.js';
import type { Discovery, Store, StoreRoot } from './store.js';
import { type Proposals, proposalsFor, tableStores } from './table-stores.js';
import { TreeReader } from './tree-usages.js';
import { addUnits } from './unit-usages.js';
import { unknownStore } from './unknown-store.js';
import { addUsualPools } from './usual-pools.js';
import {
  addAccessFileWrappers,
  addBackends,
  addExternalApplications,
  addWrappers,
} from './wrapper-usages.js';

/** How long is looked at processes that are not root's. */
const processesMs = 400;

/** A container that ends while it is read says nothing sure: then all is looked at anew. */
const maxLooks = 3;

/**
 * discoverStores(), once it is loaded.
 *
 * @param silentMounts mounts of this machine that nothing is looked at on, since they do not answer
 */
export async function discoverHere(
  options: DiscoverOptions & Pick<DiscoveryQuestion, 'isNamedOnly'>,
  silentMounts: readonly ByteString[] = [],
): Promise<Discovery> {
  const root = options.root === undefined ? '/' : fromBytes(absolutePath(options.root));
  const tree = new FileTree(root, { isSnapshot: true, silentMounts });
  // A file that was named is this machine's, wherever stores are looked for.
  const configured =
    options.configuration === undefined ? tree : new FileTree('/', { silentMounts });
  const { configuration, warnings: told } = await configurationFor(options, configured, tree);
  let run = new Run(configuration, tree, options.signal);
  if (options.isNamedOnly === true) {
    // The lifetime of an entry goes before all that PHP says; an entry without one is not collected.
  } else if (options.php !== undefined || options.ini !== undefined) await run.ask(options);
  else {
    for (let looks = 1; !(await run.look()) && looks < maxLooks; looks += 1) {
      run = new Run(configuration, tree, options.signal);
    }
  }
  run.addEntries();
  run.addWarnings(told);
  options.signal?.throwIfAborted();
  const { stores, warnings } = run.discovery(await proposalsFor(configuration.tables, tree));
  // What runs is looked at by itself, and what it reads is found when it runs.
  const lookedAt = [...new Set([...configured.lookedAt(), ...tree.lookedAt()])];
  return { stores, warnings, lookedAt };
}

/**
 * Most machines have no file, and what reads one takes longer to load than all else to run.
 *
 * @param files where the file is
 * @param tree where the directories are that it names
 */
async function configurationFor(
  { configuration: given }: DiscoverOptions,
  files: FileTree,
  tree: FileTree,
): Promise<{ readonly configuration: Configuration; readonly warnings: readonly Warning[] }> {
  const place = files.find(defaultConfigurationFile);
  if (given === undefined && place instanceof Unreadable && place.isMissing) {
    return { configuration: defaultConfiguration, warnings: [] };
  }
  const [{ loadConfiguration }, { checkNamedDirectories }] = await Promise.all([
    import('./config/load.js'),
    import('./config/named-directories.js'),
  ]);
  const configuration = loadConfiguration(
    given === undefined ? { tree: files } : { tree: files, file: fromBytes(given) },
  );
  return { configuration, warnings: checkNamedDirectories(configuration, tree) };
}

const nothingRuns: ProcessScan = { processes: [], trees: [], openSessions: [], warnings: [] };

class Run {
  readonly #configuration: Configuration;
  readonly #tree: FileTree;
  readonly #signal: AbortSignal | undefined;
  readonly #usages: Usage[] = [];
  readonly #warnings: Warning[] = [];
  readonly #entries = new Map<Usage, StoreEntry>();
  readonly #roots = new Map<FileTree, StoreRoot>();
  #openSessions: readonly OpenSession[] = [];

  constructor(configuration: Configuration, tree: FileTree, signal: AbortSignal | undefined) {
    this.#configuration = configuration;
    this.#tree = tree;
    this.#signal = signal;
    if (!tree.isHost) this.#roots.set(tree, { path: toBytes(tree.hostRoot), process: null });
  }

  /**
   * Everything that the tree's files and, on this machine, its processes tell.
   *
   * @returns false if something ended while it was read
   */
  async look(): Promise<boolean> {
    let isWhole = true;
    const scan = await this.#scanProcesses();
    const servers = new MachineServers(this.#tree, this.#isLive ? runningServers() : []);
    this.#openSessions = scan.openSessions;
    await this.#readTree(
      this.#tree,
      '',
      scan.processes.filter(({ root }) => root === '/'),
      servers.ofHost(),
    );
    for (const foreign of scan.trees) {
      const tree = new FileTree(foreign.root, { setBy: foreign.setBy, isSnapshot: true });
      const { pid, startTicks } = foreign;
      this.#roots.set(tree, { path: toBytes(foreign.root), process: { pid, startTicks } });
      const before = [this.#usages.length, this.#warnings.length] as const;
      const inTree = scan.processes.filter(({ root }) => root === foreign.root);
      await this.#readTree(
        tree,
        `${foreign.label}: `,
        inTree,
        servers.of(tree, foreign.pid, inTree),
      );
      if (stillRuns(foreign)) continue;
      // A pid that was used again: what was read may be another's, and its own word is lost.
      [this.#usages.length, this.#warnings.length] = before;
      this.#tell([{ message: `${foreign.label} ended while it was read`, hides: 0 }], tree);
      isWhole = false;
    }
    await this.#part('the collectors of this machine', this.#tree, () => {
      this.#tell(findCollectors(this.#tree), this.#tree);
    });
    return isWhole;
  }

  /** Whether what runs is looked at. */
  get #isLive(): boolean {
    return this.#configuration.discover.processes && this.#tree.isHost;
  }

  async #scanProcesses(): Promise<ProcessScan> {
    if (!this.#isLive) return nothingRuns;
    let scan = nothingRuns;
    await this.#part('running processes', this.#tree, () => {
      scan = readProcesses({ deadline: deadlineAfter(processesMs) });
    });
    this.#tell(scan.warnings, this.#tree);
    return scan;
  }

  async #readTree(
    tree: FileTree,
    labelPrefix: string,
    processes: readonly PhpProcess[],
    servers: ServersInView,
  ): Promise<void> {
    const reader = new TreeReader(tree, {
      switches: this.#configuration.discover,
      labelPrefix,
      ...servers,
    });
    await this.#part(`${labelPrefix}php.ini`, tree, () => reader.readInstallations());
    for (const process of processes) {
      const what = `${process.label} (pid ${process.pid})`;
      const work = () => addProcess(reader, process, tree, this.#tree);
      await this.#part(what, tree, work, process.setBy);
    }
    const units = new Set(processes.map(({ unit }) => unit));
    if (this.#configuration.discover.fpm)
      await this.#part(`${labelPrefix}services`, tree, () => addUnits(reader, tree, units));
    // What runs goes first: what is read from its usual place is then known already.
    await this.#part(`${labelPrefix}PHP-FPM`, tree, () => addUsualPools(reader, tree));
    await this.#part(`${labelPrefix}Apache`, tree, () => reader.addUsualApache());
    await this.#part(`${labelPrefix}Apache's wrappers`, tree, () => addWrappers(reader, tree));
    await this.#part(`${labelPrefix}LiteSpeed`, tree, () => addExternalApplications(reader, tree));
    await this.#part(`${labelPrefix}lighttpd`, tree, () => addBackends(reader, tree));
    await this.#part(`${labelPrefix}cages`, tree, () => addCages(reader, tree));
    await this.#part(`${labelPrefix}document roots`, tree, () => {
      reader.addUserFiles();
      addAccessFileWrappers(reader, tree);
    });
    for (const usage of reader.usages) this.#usages.push(usage);
    this.#tell(reader.warnings, tree);
  }

  /**
   * One part of the work. A mistake of ours in one shall not hide the others; what it would have
   * said is lost.
   *
   * @param setBy whose word that is
   */
  async #part(what: string, tree: FileTree, work: () => unknown, setBy: Setter = 0): Promise<void> {
    this.#signal?.throwIfAborted();
    try {
      await work();
    } catch (error) {
      if (error instanceof SescleError) throw error;
      const message = `${what} could not be read: ${String(error)}`;
      this.#tell([{ message, hides: setBy }], tree);
    }
    // Signals are heard between the parts.
    await setImmediate();
  }

  #tell(warnings: readonly Warning[], { setBy }: FileTree): void {
    for (const warning of warnings) {
      const { hides } = warning;
      // What a tree holds is no more than the word of whoever put it together.
      this.#warnings.push(
        hides === undefined ? warning : { ...warning, hides: bothSetters(hides, setBy) },
      );
    }
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
    this.#tell([...compiledIn.warnings, ...asked.warnings], this.#tree);
    this.#usages.push({
      label: printable(binary),
      sapi: 'cli',
      tree: this.#tree,
      runsAs: null,
      chroot: null,
      settings: layered(compiledIn.settings, asked.settings),
      warnings: [],
    });
  }

  /** What sescle's own configuration says of what is not there. */
  addWarnings(warnings: readonly Warning[]): void {
    this.#tell(warnings, this.#tree);
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

  discovery(proposals: Proposals): Pick<Discovery, 'stores' | 'warnings'> {
    const located: LocatedUsage[] = [];
    for (const usage of this.#usages) {
      located.push(locate(usage));
      const rootly = asRootSays(usage);
      if (rootly !== null) located.push(locate(rootly));
    }
    const stores = mergeUsages(located, {
      configuration: this.#configuration,
      entryOf: (usage) => this.#entries.get(usage),
      rootOf: ({ tree }) => this.#roots.get(tree) ?? null,
      warnings: this.#warnings,
    });
    const tables = tableStores(this.#configuration.tables, this.#tree.isHost, proposals);
    return {
      stores: [...stores, ...this.#unknownStores(located), ...tables].map((store) =>
        this.#withShard(store),
      ),
      warnings: [...new Set(this.#warnings.map(describeWarning))],
    };
  }

  #withShard(store: Store): Store {
    const { shard } = this.#configuration;
    if (shard === null || store.target === null) return store;
    const setting = { value: shardText(shard.value), source: describeSource(shard.source) };
    return {
      ...store,
      settings: { ...store.settings, shard: setting },
      target: { ...store.target, shard: shard.value },
    };
  }

  /** Directories in which a process has a session open, and which nobody has configured. */
  #unknownStores(located: readonly LocatedUsage[]): Store[] {
    const keyOf = ({ stat }: Place) => `${stat.dev}:${stat.ino}`;
    const known = new Set(located.map(({ place }) => (place === null ? '' : keyOf(place))));
    return this.#openSessions.flatMap((session) => {
      const tree = session.root === '/' ? this.#tree : new FileTree(session.root);
      const names = session.directory.split('/');
      // `/srv/a` with a session `ab…` can be the level 1 of `/srv` or a store of its own.
      const places = Array.from({ length: session.depth + 1 }, (_, depth) =>
        tree.find(names.slice(0, names.length - depth).join('/')),
      ).filter((place) => 'stat' in place);
      const base = places.at(-1);
      if (base === undefined || places.some((place) => known.has(keyOf(place)))) return [];
      known.add(keyOf(base));
      return [unknownStore(session, base)];
    });
  }
}

function cannotAsk(binary: ByteString, { reason }: NotAsked): SescleError {
  return new SescleError(`${printable(binary)} cannot be asked: ${reason}`, {
    code: 'ERR_INVALID_ARGUMENT',
    path: printable(binary),
    remedy: 'give -p a PHP interpreter that only root can write to',
  });
}

function deadlineAfter(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() > end;
}
