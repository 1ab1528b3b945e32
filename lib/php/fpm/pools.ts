/**
 * The pools of one php-fpm installation, as its configuration files say.
 *
 * php-fpm itself refuses to start when anything is wrong with any pool; here whatever is wrong is
 * said, and every pool is given with what is known of it, since an older php-fpm that still runs, or
 * one started before the mistake, writes sessions all the same.
 *
 * Invariant: every value tells its file and line, and who could have written them: the owners of
 * the file and of all files that include it. Nothing is taken from this machine but through `tree`.
 */

import { type ByteString, printable } from '../byte-string.js';
import type { FileTree } from '../file-tree.js';
import type { IniContext, IniEntry, ParseIni } from '../ini/ini.js';
import { knownConstant } from '../ini/ini-values.js';
import { displacing, type Setter, type Source, type Warning } from '../provenance.js';
import { sessionSettingNames } from '../usage.js';
import { WarningList } from '../warning-list.js';
import { arrayNames, isGlobalDirective } from './directives.js';
import { finishPool } from './finish-pool.js';
import { type FpmLine, readFpmLines } from './fpm-lines.js';
import type { FpmPool } from './pool.js';
import { PoolDraft } from './pool-draft.js';
import { readUsers } from './users.js';

export interface FpmOptions {
  /** php-fpm.conf: absolute, inside the tree. */
  readonly mainFile: ByteString;
  /** What `-p` says, absolute; null: what php-fpm was built with, as far as `mainFile` shows it. */
  readonly prefix: ByteString | null;
  readonly parseIni: ParseIni;
  /** The master's, for `${NAME}` and `env[TMPDIR] = $NAME`; empty where it is not known. */
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  /** Settings of php.ini, which `${NAME}` finds before the environment. */
  readonly directive?: IniContext['variable'];
  /** PHP's constants, as bare words; default: those that every PHP has. */
  readonly constant?: IniContext['constant'];
  /** Who could have chosen the main file; default: root. */
  readonly setBy?: Setter | undefined;
}

export interface FpmPools {
  /** In php-fpm's order. */
  readonly pools: FpmPool[];
  /** What belongs to no pool. */
  readonly warnings: Warning[];
}

export function readFpmPools(tree: FileTree, options: FpmOptions): FpmPools {
  const { mainFile, parseIni, environment } = options;
  const prefix = options.prefix ?? builtInPrefix(mainFile);
  const isEnvironmentKnown = environment.size > 0;
  const collector = new Collector(isEnvironmentKnown);
  const ofRoot = new Collector(isEnvironmentKnown);
  const context: IniContext = {
    variable: (name) => options.directive?.(name) ?? environment.get(name),
    constant: options.constant ?? knownConstant,
  };
  const { setBy } = options;
  const lines = { mainFile, prefix, parseIni, context, isEnvironmentKnown, setBy };
  const warnings = readFpmLines(tree, lines, (line) => {
    collector.add(line);
    if (line.setBy === 0) ofRoot.add(line);
  });
  const users = readUsers(tree);
  const finish = (draft: PoolDraft) =>
    finishPool(draft, { tree, prefix, environment, isEnvironmentKnown, users });
  return {
    pools: withRootsWord(finished(collector, finish), finished(ofRoot, finish)),
    warnings: [...warnings, ...collector.warnings.all],
  };
}

function finished(collector: Collector, finish: (draft: PoolDraft) => FpmPool) {
  return new Map(Array.from(collector.pools, ([key, draft]) => [key, finish(draft)]));
}

/**
 * Pools as they are, each setting that someone else wrote with that of root's lines alone behind it.
 * Where that does not tell all of what root's lines say, the pool is there a second time.
 */
function withRootsWord(
  pools: ReadonlyMap<string, FpmPool>,
  ofRoot: ReadonlyMap<string, FpmPool>,
): FpmPool[] {
  const all: FpmPool[] = [];
  for (const [key, pool] of pools) {
    const root = ofRoot.get(key);
    if (root === undefined) {
      all.push(pool);
      continue;
    }
    const settings = new Map(pool.settings);
    for (const [name, setting] of settings)
      settings.set(name, displacing(setting, root.settings.get(name)));
    all.push({ ...pool, settings });
    if (!isToldBy(root, { ...pool, settings })) all.push(asRootSays(root));
  }
  for (const [key, root] of ofRoot) if (!pools.has(key)) all.push(asRootSays(root));
  return all;
}

/** Whether all that root's lines say is in a pool, or behind what is there. */
function isToldBy(root: FpmPool, pool: FpmPool): boolean {
  return (
    root.user?.uid === pool.user?.uid &&
    root.chroot === pool.chroot &&
    root.prefix === pool.prefix &&
    root.chdir === pool.chdir &&
    root.clearEnv === pool.clearEnv &&
    Array.from(root.settings).every(([name, { value, setBy }]) => {
      const told = pool.settings.get(name);
      const word = told?.setBy === 0 ? told : told?.displaced;
      return setBy !== 0 || word?.value === value;
    })
  );
}

/** What is wrong with it is said of the pool as it is. */
function asRootSays(root: FpmPool): FpmPool {
  const warnings = root.warnings.filter(({ hides }) => hides !== undefined);
  return { ...root, warnings, isRootsAlone: true };
}

/** PHP is built with PREFIX/etc for its configuration, but for the `/etc` of system packages. */
export function builtInPrefix(mainFile: ByteString): ByteString {
  return /^(\/.+?)\/etc\//.exec(mainFile)?.[1] ?? '/usr';
}

/** Puts each line into its pool. */
class Collector {
  readonly warnings = new WarningList();
  /** By their names in lower case. */
  readonly pools = new Map<string, PoolDraft>();
  readonly #poolCounts = new Map<Setter, number>();
  readonly #isEnvironmentKnown: boolean;
  /** Null in [global], where every configuration begins. */
  #current: PoolDraft | null = null;

  constructor(isEnvironmentKnown: boolean) {
    this.#isEnvironmentKnown = isEnvironmentKnown;
  }

  add(line: FpmLine): void {
    const { section, entries, error, isLimit, unknownVariables, source, setBy } = line;
    if (section !== null) this.#enter(section, { source, setBy });
    for (const entry of entries) {
      if (this.#current !== null) this.#current.add(entry, { source, setBy });
      else if (entry.offset !== null || !isGlobalDirective(entry.key.toLowerCase())) {
        this.warnings.add(`unknown global directive ${printable(entry.key)}`, source);
      }
    }
    // Which pool is meant may be any; a section's name is all that is on its line.
    const isUnknown = unknownVariables.length > 0 && !this.#isEnvironmentKnown;
    if (isUnknown && section !== null && entries.length === 0)
      this.warnings.add('the name of the pool that begins here is unknown', source, setBy);
    const hides = isUnknown && entries.some(isOurs) ? setBy : null;
    if (unknownVariables.length > 0) {
      const names = unknownVariables.map((name) => `\${${printable(name)}}`).join(', ');
      this.#say(`the value of ${names} is unknown here; sescle treats it as empty`, source, hides);
    }
    if (error === null) return;
    if (this.#current !== null) this.#current.isBroken = true;
    // One that runs read the file before it was broken; so did it if this is but our own bound.
    const reader = isLimit ? 'sescle' : 'php-fpm';
    this.#say(`${reader} cannot read this line: ${error}`, source, setBy);
  }

  /** Names are alike in any case of their letters, as with strcasecmp(3). */
  #enter(name: ByteString, origin: { source: Source; setBy: Setter }): void {
    const key = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    if (key === 'global') {
      this.#current = null;
      return;
    }
    const known = this.pools.get(key);
    this.#current = known ?? new PoolDraft(name, origin);
    if (known !== undefined) return;
    const { source, setBy } = origin;
    const count = this.#poolCounts.get(setBy) ?? 0;
    if (count === (setBy === 0 ? maxRootPools : maxUserPools)) {
      // Its lines still belong together, but nobody hears of them.
      this.warnings.add('there are too many pools: this one is not read', source, setBy);
      return;
    }
    this.#poolCounts.set(setBy, count + 1);
    this.pools.set(key, this.#current);
  }

  #say(message: string, source: Source, hides: Setter): void {
    if (this.#current === null) this.warnings.add(message, source, hides);
    else this.#current.warn(message, source, hides);
  }
}

const maxRootPools = 10_000;
/** Of all those that one user, who is not root, begins. */
const maxUserPools = 1_000;

/** What decides where sessions are, whose they are and how long they live. */
const ourDirectives: ReadonlySet<string> = new Set([
  'user',
  'chroot',
  'prefix',
  'chdir',
  'clear_env',
]);

function isOurs({ key, offset }: IniEntry): boolean {
  if (offset === null) return ourDirectives.has(key.toLowerCase());
  const isSession = sessionSettingNames.some((name) => name === offset);
  return arrayNames.has(key) && (isSession || offset === '');
}
