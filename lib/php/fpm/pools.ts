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
import type { IniContext, ParseIni } from '../ini/ini.js';
import { knownConstant } from '../ini/ini-values.js';
import type { Setter, Source, Warning } from '../provenance.js';
import type { SessionSettingName, SessionSettings } from '../usage.js';
import { isGlobalDirective } from './directives.js';
import { finishPool } from './finish-pool.js';
import { type FpmLine, readFpmLines } from './fpm-lines.js';
import { PoolDraft } from './pool-draft.js';
import { readUsers } from './users.js';

export interface FpmPool {
  readonly name: ByteString;
  /** Null: none is named, or the tree's /etc/passwd does not know it. */
  readonly user: { readonly uid: number; readonly name: string | null } | null;
  readonly group: ByteString | null;
  readonly prefix: ByteString | null;
  /** Absolute. */
  readonly chroot: ByteString | null;
  /** Who could have chosen `chroot`; 0 where there is none. */
  readonly chrootSetBy: Setter;
  readonly chdir: ByteString | null;
  /** Whether its processes forget the environment of the master. */
  readonly clearEnv: boolean;
  /** What the pool itself sets. */
  readonly settings: SessionSettings;
  /** Those which neither a script nor a .user.ini can change: php_admin_value and php_admin_flag. */
  readonly adminSettings: ReadonlySet<SessionSettingName>;
  /** The first of its sections. */
  readonly source: Source;
  /** php-fpm would not start with it; `warnings` say why. */
  readonly isBroken: boolean;
  readonly warnings: readonly Warning[];
}

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
  const collector = new Collector();
  const context: IniContext = {
    variable: (name) => options.directive?.(name) ?? environment.get(name),
    constant: options.constant ?? knownConstant,
  };
  const warnings = readFpmLines(tree, { mainFile, prefix, parseIni, context }, (line) =>
    collector.add(line),
  );
  const users = readUsers(tree);
  return {
    pools: collector.pools.map((draft) => finishPool(draft, { tree, prefix, environment, users })),
    warnings: [...warnings, ...collector.warnings],
  };
}

/** PHP is built with PREFIX/etc for its configuration, but for the `/etc` of system packages. */
export function builtInPrefix(mainFile: ByteString): ByteString {
  return /^(\/.+?)\/etc\//.exec(mainFile)?.[1] ?? '/usr';
}

/** Puts each line into its pool. */
class Collector {
  readonly warnings: Warning[] = [];
  readonly #pools = new Map<string, PoolDraft>();
  /** Null in [global], where every configuration begins. */
  #current: PoolDraft | null = null;

  get pools(): PoolDraft[] {
    return [...this.#pools.values()];
  }

  add({ section, entries, error, unknownVariables, source, setBy }: FpmLine): void {
    if (section !== null) this.#enter(section, { source, setBy });
    for (const entry of entries) {
      if (this.#current !== null) this.#current.add(entry, { source, setBy });
      else if (entry.offset !== null || !isGlobalDirective(entry.key.toLowerCase())) {
        this.warnings.push({ message: `unknown global directive ${printable(entry.key)}`, source });
      }
    }
    if (unknownVariables.length > 0) {
      const names = unknownVariables.map((name) => `\${${printable(name)}}`).join(', ');
      this.#say(`what ${names} stands for is not known here; it is taken as empty`, source, false);
    }
    if (error !== null) this.#say(`php-fpm cannot read this line: ${error}`, source, true);
  }

  /** Names are alike in any case of their letters, as with strcasecmp(3). */
  #enter(name: ByteString, origin: { source: Source; setBy: Setter }): void {
    const key = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    if (key === 'global') {
      this.#current = null;
      return;
    }
    const pool = this.#pools.get(key) ?? new PoolDraft(name, origin);
    this.#pools.set(key, pool);
    this.#current = pool;
  }

  #say(message: string, source: Source, isRefused: boolean): void {
    if (this.#current === null) this.warnings.push({ message, source });
    else if (isRefused) this.#current.refuse(message, source);
    else this.#current.warn(message, source);
  }
}
