/**
 * What the doctor's checks go by: everything is looked at once, here.
 *
 * Invariant: nothing is changed, nothing is called on the event loop where a mount may not answer, and
 * everything ends: discovery, counting and searching each have a deadline. What was not looked at is
 * null or in `unseen`.
 */
import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileText } from '../file-text.js';
import { makeDirectories } from '../mkdirs/make-directories.js';
import { directoryCount } from '../mkdirs/session-alphabet.js';
import { packageRoot } from '../package.js';
import { fromBytes, toBytes } from '../php/byte-string.js';
import { FileTree } from '../php/file-tree.js';
import { isWithin } from '../php/paths.js';
import { findCollectors } from '../php/processes/collectors.js';
import { describeWarning } from '../php/provenance.js';
import type { WrittenSetting } from '../php/written-setting.js';
import type { StoreStatistics } from '../statistics/report.js';
import { takeStatistics } from '../statistics/take-statistics.js';
import { discoverStores } from '../stores/discover.js';
import type { DiscoverOptions } from '../stores/discover-options.js';
import type { FoundDirectory } from '../stores/search/findings.js';
import { searchStores } from '../stores/search-stores.js';
import { bitsPerCharacterOf, settingsBehind } from '../stores/settings-behind.js';
import { mountsThatMayHang } from '../stores/silent-mounts.js';
import type { Store } from '../stores/store.js';
import { filesTarget, storeDirectory } from '../stores/store-directory.js';
import type { TableExamination } from '../tables/examination.js';
import { isTableTarget } from '../tables/is-table-target.js';
import { escapePath } from '../text/escape-path.js';
import { type Label, labelOf } from './labels.js';
import { cronSweeps, enabledUnits, type Monitor, runningMonitors } from './monitors.js';
import { type Mount, mountOf, mountsOf } from './mounts.js';
import { type Quota, quotasOf } from './quotas.js';
import { type AgeRule, agingRules } from './temporary-files.js';

export interface Space {
  readonly inodes: number;
  readonly inodesFree: number;
  readonly bytes: number;
  /** Also for users other than root. */
  readonly bytesFree: number;
}

export interface DirectoryFacts {
  readonly mode: number;
  readonly uid: number;
  readonly bytes: number;
}

/** What an ext file system can do. */
export interface ExtFacts {
  readonly features: readonly string[];
  readonly blockBytes: number;
}

export interface StoreFacts {
  readonly store: Store;
  /** On this machine, for people; null where it is no directory. */
  readonly directory: string | null;
  readonly mount: Mount | null;
  /** Whether its file system did not answer in time. */
  readonly isSilent: boolean;
  /** Null: it is missing, or was not looked at. */
  readonly status: DirectoryFacts | null;
  readonly isMissing: boolean;
  readonly space: Space | null;
  readonly statistics: StoreStatistics | null;
  /** Null: it is no ext2, ext3 or ext4, or cannot be known. */
  readonly ext: ExtFacts | null;
  /** Of those that a nested save path needs; null where it has none. */
  readonly missingDirectories: {
    readonly count: number;
    /** For which `session.sid_bits_per_character`, and where that is set. */
    readonly bits: number;
    readonly source: string;
  } | null;
  /** `session.cookie_lifetime`, where it is set: each that is longer than the sessions'. */
  readonly longCookies: readonly WrittenSetting[];
  readonly agingRules: readonly AgeRule[];
  /** Where there is SELinux. */
  readonly label: Label | null;
  /** Of users who have a limit on its file system. */
  readonly quotas: readonly Quota[];
  /** Of a table that may be collected; else null. */
  readonly table: TableExamination | null;
}

export interface Facts {
  readonly stores: readonly StoreFacts[];
  /** What discovery and the search were told apart from any store. */
  readonly warnings: readonly string[];
  /** Other collectors that run by themselves, a line each. */
  readonly collectors: readonly string[];
  /** Monitors that run here; null: another root is looked at, where nothing runs. */
  readonly monitors: readonly Monitor[] | null;
  /** What systemd starts, and cron files that sweep. */
  readonly schedules: readonly string[];
  /** When sescle was installed, in milliseconds since 1970; null: not known. */
  readonly installedMs: number | null;
  readonly found: readonly FoundDirectory[];
  readonly nowMs: number;
}

export interface ExamineOptions extends DiscoverOptions {
  /** Absolute; where forgotten directories are looked for. Default: /home, /srv and /var of the root. */
  readonly search?: readonly Buffer[] | undefined;
  /** Seconds for counting each store, and for the search. Default 20. */
  readonly patienceSeconds?: number | undefined;
  readonly clock?: (() => number) | undefined;
}

const usualSearch = ['/home', '/srv', '/var'];
const usualPatienceSeconds = 20;
/** More would take longer to look for than it is worth. */
const mostLooksForDirectories = 100_000;
const toolMs = 5000;

export async function gatherFacts(options: ExamineOptions): Promise<Facts> {
  const { root, search, patienceSeconds = usualPatienceSeconds, clock = Date.now } = options;
  const { stores, warnings } = await discoverStores(options);
  const rootPath = root === undefined ? '/' : fromBytes(root);
  const silent = mountsThatMayHang();
  const tree = new FileTree(rootPath, { silentMounts: silent });
  const mounts = mountsOf(fileText('/proc/self/mountinfo', 'utf8'));
  const patienceMs = patienceSeconds * 1000;
  const facts: StoreFacts[] = [];
  const tables = await tableFacts(stores, patienceMs);
  for (const store of stores) {
    const each = await storeFacts(store, { rootPath, tree, mounts, silent, patienceMs });
    facts.push({ ...each, table: tables.get(store) ?? null });
  }
  const prefix = root === undefined ? '' : rootPath.replace(/\/+$/, '');
  const searched = search?.map(fromBytes) ?? usualSearch.map((path) => prefix + path);
  const { found } = await searchStores(
    searched.filter((path) => !silent.some((mount) => isWithin(path, mount))),
    { deadline: performance.now() + patienceMs },
  );
  return {
    stores: facts,
    warnings,
    collectors: findCollectors(tree).map(describeWarning),
    monitors: root === undefined ? runningMonitors() : null,
    schedules: [...enabledUnits(tree), ...cronSweeps(tree)],
    installedMs: await modifiedMs(`${packageRoot}/package.json`),
    found,
    nowMs: clock(),
  };
}

/** All at the same time: each has to wait for a server. */
async function tableFacts(
  stores: readonly Store[],
  patienceMs: number,
): Promise<ReadonlyMap<Store, TableExamination>> {
  const known = stores.flatMap((store) => {
    const { target } = store;
    return isTableTarget(target) ? [[store, target] as const] : [];
  });
  if (known.length === 0) return new Map();
  // Most machines have none, and what knows tables takes longer to load than all else to run.
  const { examineTables } = await import('../tables/examination.js');
  const found = await examineTables(
    known.map(([, target]) => target),
    patienceMs,
  );
  return new Map(
    known.flatMap(([store], index) => {
      const examined = found[index];
      return examined === undefined ? [] : [[store, examined] as const];
    }),
  );
}

interface Surroundings {
  readonly rootPath: string;
  readonly tree: FileTree;
  readonly mounts: readonly Mount[];
  readonly silent: readonly string[];
  readonly patienceMs: number;
}

async function storeFacts(
  store: Store,
  { rootPath, tree, mounts, silent, patienceMs }: Surroundings,
): Promise<StoreFacts> {
  const directory = directoryBelow(rootPath, store);
  const nothing = {
    store,
    directory: directory === undefined ? null : escapePath(directory),
    mount: null,
    isSilent: false,
    status: null,
    isMissing: false,
    space: null,
    statistics: null,
    ext: null,
    missingDirectories: null,
    longCookies: longCookies(store, rootPath),
    agingRules: [],
    label: null,
    quotas: [],
    table: null,
  };
  if (directory === undefined) return nothing;
  const path = fromBytes(directory);
  const mount = mountOf(path, mounts);
  const mayHang = silent.some((point) => isWithin(path, point));
  const inTree = rootPath === '/' ? path : path.slice(rootPath.replace(/\/+$/, '').length) || '/';
  const base = { ...nothing, mount, agingRules: agingRules(inTree, tree) };
  const signal = AbortSignal.timeout(patienceMs);
  // The addon's thread can be left where it hangs, the event loop's cannot: so this comes first.
  const { stores, unusable } = await takeStatistics([statisticsTarget(store, directory)], {
    signal,
  });
  const [statistics = null] = stores;
  if (mayHang && statistics === null) {
    return { ...base, isSilent: unusable.some(({ code }) => code === 'ERR_NOT_ANSWERING') };
  }
  const status = await stat(directory).catch((error: NodeJS.ErrnoException) => error);
  if (status instanceof Error) return { ...base, isMissing: status.code === 'ENOENT' };
  return {
    ...base,
    status: { mode: status.mode, uid: status.uid, bytes: status.size },
    space: await spaceOf(directory),
    statistics,
    ext: await extFactsOf(mount),
    label: await labelOf(directory, tree),
    quotas: await quotasOf(mount),
    missingDirectories: await missingDirectories(store, directory, rootPath, signal),
  };
}

/** A directory that is missing is told as it is called inside of its root. */
function directoryBelow(rootPath: string, store: Store): Buffer | undefined {
  const directory = store.handler === 'files' ? storeDirectory(store) : undefined;
  if (directory === undefined || store.target !== null) return directory;
  // In a container or a private /tmp: what its path is here, nobody knows.
  if (store.id.startsWith('/proc/')) return undefined;
  const isBelow = rootPath === '/' || isWithin(fromBytes(directory), rootPath);
  return isBelow ? directory : Buffer.concat([toBytes(rootPath.replace(/\/+$/, '')), directory]);
}

function statisticsTarget(store: Store, directory: Buffer) {
  const target = filesTarget(store);
  if (target !== null) return target;
  return {
    savePath: Buffer.concat([Buffer.from(`${store.depth};0600;`), directory]),
    maxLifetimeSeconds:
      store.maxLifetime !== null && store.maxLifetime > 0 ? store.maxLifetime : null,
    graceSeconds: 0,
    lifetimesByUid: new Map<number, number>(),
    root: null,
    directory: null,
  };
}

async function spaceOf(directory: Buffer): Promise<Space | null> {
  try {
    const { files, ffree, blocks, bavail, bsize } = await statfs(directory);
    return {
      inodes: files,
      inodesFree: ffree,
      bytes: blocks * bsize,
      bytesFree: bavail * bsize,
    };
  } catch {
    // It is gone by now; another check says so.
    return null;
  }
}

async function missingDirectories(
  store: Store,
  directory: Buffer,
  rootPath: string,
  signal: AbortSignal,
): Promise<StoreFacts['missingDirectories']> {
  const { depth } = store;
  if (depth === 0) return null;
  const { bits, source } = bitsPerCharacterOf(store, rootPath);
  if (directoryCount(depth, bits) > mostLooksForDirectories) return null;
  try {
    const savePath = Buffer.concat([Buffer.from(`${depth};0600;`), directory]);
    const report = await makeDirectories(savePath, {
      bitsPerCharacter: bits,
      dryRun: true,
      signal,
    });
    const isWhole = report.complete || report.blocked > 0;
    return isWhole ? { count: report.made, bits, source } : null;
  } catch {
    // Whoever may not look there cannot say what is missing.
    return null;
  }
}

function longCookies(store: Store, rootPath: string): WrittenSetting[] {
  const { maxLifetime } = store;
  if (maxLifetime === null) return [];
  return settingsBehind(store, 'session.cookie_lifetime', rootPath).filter(
    ({ value }) => /^[0-9]+$/.test(value) && Number(value) > maxLifetime,
  );
}

const run = promisify(execFile);

/** By tune2fs(8), where it is installed and we may read the disk. */
async function extFactsOf(mount: Mount | null): Promise<ExtFacts | null> {
  if (mount === null || !/^ext[234]$/.test(mount.type) || !mount.source.startsWith('/dev/')) {
    return null;
  }
  try {
    const options = {
      timeout: toolMs,
      env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' },
    };
    const { stdout } = await run('tune2fs', ['-l', mount.source], options);
    const [, features = ''] = /^Filesystem features:\s*(.*)$/m.exec(stdout) ?? [];
    const [, blockBytes = ''] = /^Block size:\s*(\d+)$/m.exec(stdout) ?? [];
    if (features === '' || blockBytes === '') return null;
    return { features: features.split(/\s+/), blockBytes: Number(blockBytes) };
  } catch {
    // There is none, or we may not read the disk.
    return null;
  }
}

async function modifiedMs(file: string): Promise<number | null> {
  try {
    return (await stat(file)).ctimeMs;
  } catch {
    return null;
  }
}
