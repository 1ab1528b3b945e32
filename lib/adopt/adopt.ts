/**
 * `planAdoption()`, `planUndo()` and `applyPlan()`: directories become stores in sescle.toml, and cease to
 * be.
 *
 * Invariant: a plan changes nothing; what it would write has been checked as a whole. A lifetime is what
 * the caller says, or what PHP's configuration or the application says of this very directory, never a
 * guess.
 */
import { kill } from 'node:process';
import { lifetimeOfSessions } from '../apps/recognise.js';
import { runningMonitors } from '../doctor/monitors.js';
import { SescleError } from '../errors.js';
import { fromBytes, printable, toBytes } from '../php/byte-string.js';
import { FileTree, type Place, Unreadable } from '../php/file-tree.js';
import { tidyPath } from '../php/paths.js';
import { describeSource } from '../php/provenance.js';
import { defaultConfigurationFile } from '../stores/config/configuration.js';
import { loadConfiguration } from '../stores/config/load.js';
import { parseConfiguration } from '../stores/config/parse.js';
import { storeLines } from '../stores/config/store-lines.js';
import { discoverStores } from '../stores/discover.js';
import type { DiscoverOptions } from '../stores/discover-options.js';
import { type ProfileName, profiles } from '../stores/profiles.js';
import { parseSavePath } from '../stores/save-path.js';
import { searchStores } from '../stores/search-stores.js';
import { mountsThatMayHang } from '../stores/silent-mounts.js';
import type { Store } from '../stores/store.js';
import { storeDirectory } from '../stores/store-directory.js';
import { formatDuration } from '../text/duration.js';
import { absolutePath } from '../working-directory.js';
import { storesIn, type WrittenStore, withoutStore, withStores } from './edit.js';
import { replaceText } from './write-file.js';

export interface AdoptOptions extends DiscoverOptions {
  /** Seconds. Default: what PHP's configuration or the application says. */
  readonly lifetimeSeconds?: number | undefined;
  /** Whose sessions they are. Default: what the files' names say, or PHP. */
  readonly profile?: ProfileName | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: (() => number) | undefined;
}

/** What would be written, or was. */
export interface AdoptionPlan {
  /** The configuration file, for people. */
  readonly file: string;
  readonly fileBytes: Buffer;
  /** Null: there is none yet. */
  readonly before: string | null;
  readonly after: string;
  /** The lines that come or go, one list a store. */
  readonly stores: readonly { readonly path: string; readonly lines: readonly string[] }[];
  /** Directories that need nothing, and why. */
  readonly already: readonly { readonly path: string; readonly reason: string }[];
}

/** How long is looked at the files of a directory. */
const searchMs = 10_000;

/**
 * @param directories as PHP takes save paths: `/path`, `2;/path`
 * @throws SescleError ERR_INVALID_ARGUMENT, ERR_INVALID_CONFIGURATION, ERR_INVALID_SAVE_PATH or
 *   ERR_LIFETIME_UNKNOWN
 */
export async function planAdoption(
  directories: readonly Buffer[],
  options: AdoptOptions,
): Promise<AdoptionPlan> {
  const place = configurationPlace(options);
  // A file that was named and is not there yet is made: until then it says nothing.
  const isNew = place.text === null && options.configuration !== undefined;
  const { stores } = await discoverStores(
    isNew ? { ...options, configuration: undefined } : options,
  );
  const at = new Date((options.clock ?? Date.now)()).toISOString().replace(/\.\d+Z$/, 'Z');
  const proposals = [];
  const already = [];
  for (const directory of directories) {
    const proposal = await propose(
      directory,
      isNew ? stores.filter(({ isNamed }) => !isNamed) : stores,
      place,
      options,
    );
    if ('reason' in proposal) already.push(proposal);
    else proposals.push(proposal);
  }
  const before = place.text;
  const after =
    proposals.length === 0
      ? (before ?? '')
      : withStores(
          before ?? '',
          proposals.map(({ lines }) => lines),
          at,
        );
  parseConfiguration(fromBytes(Buffer.from(after)), place.path);
  return { ...planFile(place), before, after, stores: proposals, already };
}

/**
 * @param directories none: what was adopted last
 * @throws SescleError
 */
export function planUndo(directories: readonly Buffer[], options: AdoptOptions): AdoptionPlan {
  const place = configurationPlace(options);
  const { text } = place;
  const written = text === null ? [] : storesIn(text);
  const leaving =
    directories.length === 0
      ? lastAdopted(written, place)
      : directories.map((directory) => writtenStore(directory, written, place));
  let after = text ?? '';
  // From the last on, so that the places of the others stay.
  for (const { index } of [...leaving].sort((a, b) => b.index - a.index)) {
    after = withoutStore(after, index);
  }
  parseConfiguration(fromBytes(Buffer.from(after)), place.path);
  return {
    ...planFile(place),
    before: text,
    after,
    stores: leaving.map(({ directory }) => ({ path: printable(directory), lines: [] })),
    already: [],
  };
}

/**
 * Writes what was planned, and has the monitors that go by this file read it.
 *
 * @returns the process ids of these monitors
 * @throws SescleError
 */
export function applyPlan({ fileBytes, before, after }: AdoptionPlan): number[] {
  if (before === after) return [];
  replaceText(fileBytes, before, after);
  const file = fileBytes.toString('latin1');
  return runningMonitors().flatMap(({ pid, configuration }) => {
    if ((configuration ?? defaultConfigurationFile) !== file) return [];
    try {
      kill(pid, 'SIGHUP');
      return [pid];
    } catch {
      // It has ended, or is another user's: it sees the change by itself.
      return [];
    }
  });
}

interface ConfigurationPlace {
  /** Inside the tree. */
  readonly path: string;
  readonly onThisMachine: Buffer;
  readonly text: string | null;
  readonly tree: FileTree;
}

function planFile({ onThisMachine }: ConfigurationPlace) {
  return { file: printable(fromBytes(onThisMachine)), fileBytes: onThisMachine };
}

/** @throws SescleError where it cannot be read, is not to be trusted or is not valid */
function configurationPlace({ root, configuration }: AdoptOptions): ConfigurationPlace {
  const silentMounts = mountsThatMayHang();
  const rootPath = root === undefined ? '/' : fromBytes(absolutePath(root));
  const tree = new FileTree(rootPath, { silentMounts });
  const files = configuration === undefined ? tree : new FileTree('/', { silentMounts });
  const path =
    configuration === undefined ? defaultConfigurationFile : fromBytes(absolutePath(configuration));
  const found = files.read(path);
  const isMissing = found instanceof Unreadable && found.isMissing;
  if (!isMissing) loadConfiguration({ file: path, tree: files });
  return {
    path,
    onThisMachine: toBytes(`${files.hostRoot}${path}`),
    text: found instanceof Unreadable ? null : toBytes(found.text).toString('utf8'),
    tree,
  };
}

type Proposal =
  | { readonly path: string; readonly lines: readonly string[] }
  | { readonly path: string; readonly reason: string };

async function propose(
  given: Buffer,
  stores: readonly Store[],
  { tree }: ConfigurationPlace,
  { lifetimeSeconds, profile }: AdoptOptions,
): Promise<Proposal> {
  const savePath = parseSavePath(given);
  const inTree = tidyPath(fromBytes(absolutePath(savePath.path)));
  const place = tree.find(inTree);
  const path = printable(inTree);
  if (place instanceof Unreadable || !place.stat.isDirectory()) {
    throw notADirectory(path, place);
  }
  const known = stores.find((store) => {
    const directory = storeDirectory(store);
    return directory !== undefined && tidyPath(fromBytes(directory)) === place.hostPath;
  });
  if (
    known !== undefined &&
    (known.isNamed || (known.collectable && lifetimeSeconds === undefined))
  ) {
    const setting = known.settings['session.gc_maxlifetime'];
    const from = setting === undefined ? '' : `, from ${setting.source}`;
    const lifetime =
      known.maxLifetime === null ? '' : ` (${formatDuration(known.maxLifetime)}${from})`;
    return { path, reason: `is a store already${lifetime}` };
  }
  const { found } = await searchStores([place.hostPath], {
    deadline: performance.now() + searchMs,
  });
  const seen = found.find((each) => each.path === place.hostPath);
  const profileName = profile ?? seen?.profile ?? 'php';
  const depth = savePath.depth > 0 ? savePath.depth : (seen?.depth ?? 0);
  const explained = lifetimeOf(known, place.path, profileName, tree, lifetimeSeconds);
  if (explained === null) {
    const { label, usualLifetimeSeconds, lifetimeSetting } = profiles[profileName];
    throw new SescleError(`${path}: the lifetime of its sessions is unknown`, {
      code: 'ERR_LIFETIME_UNKNOWN',
      path,
      remedy: `pass it with -l (${label}'s default is ${formatDuration(usualLifetimeSeconds)}; look at ${lifetimeSetting})`,
    });
  }
  const lines = storeLines({
    directory: inTree,
    depth,
    profile: profileName,
    lifetimeSeconds: explained.seconds,
  });
  if (lines === null) {
    throw new SescleError(`${path}: no configuration can name it, since its path is not UTF-8`, {
      code: 'ERR_INVALID_ARGUMENT',
      path,
      remedy: 'rename it, or sweep it by name: sescle sweep -l DURATION PATH',
    });
  }
  const last = lines.length - 1;
  const withSource = lines.map((line, index) =>
    index === last && explained.source !== null ? `${line} # ${explained.source}` : line,
  );
  return { path, lines: withSource };
}

function notADirectory(path: string, place: Place | Unreadable): SescleError {
  const code = 'ERR_INVALID_ARGUMENT';
  const why = place instanceof Unreadable ? place.reason : '';
  const isMissing = place instanceof Unreadable && place.isMissing;
  const unseen = isMissing ? 'does not exist' : `cannot be looked at (${why})`;
  return new SescleError(`${path} ${place instanceof Unreadable ? unseen : 'is not a directory'}`, {
    code,
    path,
    remedy: 'give the directory that holds the sessions',
  });
}

function lifetimeOf(
  known: Store | undefined,
  directory: string,
  profile: ProfileName,
  tree: FileTree,
  given: number | undefined,
): { readonly seconds: number; readonly source: string | null } | null {
  if (given !== undefined) return { seconds: given, source: null };
  const setting = known?.settings['session.gc_maxlifetime'];
  if (known?.maxLifetime != null && known.maxLifetime > 0 && known.doubt === null) {
    return { seconds: known.maxLifetime, source: setting?.source ?? null };
  }
  const said = lifetimeOfSessions(directory, tree, profile === 'laravel');
  return said === null ? null : { seconds: said.value, source: describeSource(said.source) };
}

function lastAdopted(written: readonly WrittenStore[], place: ConfigurationPlace): WrittenStore[] {
  const last = written.reduce<string | null>(
    (latest, { adoptedAt }) =>
      adoptedAt !== null && (latest === null || adoptedAt > latest) ? adoptedAt : latest,
    null,
  );
  if (last === null) {
    const { file } = planFile(place);
    throw new SescleError(`${file}: sescle adopt has added nothing to it`, {
      code: 'ERR_INVALID_ARGUMENT',
      path: file,
      remedy: 'name the directory that should no longer be a store',
    });
  }
  return written.filter(({ adoptedAt }) => adoptedAt === last);
}

function writtenStore(
  given: Buffer,
  written: readonly WrittenStore[],
  place: ConfigurationPlace,
): WrittenStore {
  const directory = tidyPath(fromBytes(absolutePath(parseSavePath(given).path)));
  const found = written.find((each) => each.directory === directory);
  if (found !== undefined) return found;
  const { file } = planFile(place);
  throw new SescleError(`${file} has no [[store]] for ${printable(directory)}`, {
    code: 'ERR_INVALID_ARGUMENT',
    path: printable(directory),
    remedy: 'sescle stores -v shows what names it',
  });
}
