/**
 * The pools of each php-fpm of one tree: as it runs, and as its packages start it.
 *
 * Invariant: a php-fpm.conf is read once for each way in which it is started, and in the usual way only
 * where nothing of root's runs it. A pool that cannot be read leaves a doubt about all that it could
 * have been.
 */
import { type ByteString, printable } from '../../php/byte-string.js';
import { Unreadable } from '../../php/file-tree.js';
import type { FpmPool } from '../../php/fpm/pool.js';
import { readFpmPools } from '../../php/fpm/pools.js';
import { fpmUsages } from '../../php/fpm/usages.js';
import { parseIni } from '../../php/ini/parse-ini.js';
import { dialectOf } from '../../php/ini/scan-rules.js';
import type { Setter, Warning } from '../../php/provenance.js';
import type { SessionSettingName, Usage } from '../../php/usage.js';
import { valuesOf } from '../ini-doubts.js';
import type { Gathered } from './gathered.js';
import { allDoubts, type ReadInstallation } from './read-installation.js';
import { boundTo, fileOf, filesOf, usageStartedBy, withDoubts } from './usage-doubts.js';
import type { UserStarts } from './user-starts.js';

const lifetimeName = 'session.gc_maxlifetime';

/** How FPM is started. */
export interface FpmStart {
  readonly mainFile: ByteString;
  readonly prefix: ByteString | null;
  readonly label: string;
  /** The master's; null: not known. */
  readonly environment: ReadonlyMap<ByteString, ByteString> | null;
  /** Who started it: one that is not root has all pools write as himself. */
  readonly setBy: Setter;
}

export class PoolReader {
  readonly #gathered: Gathered;
  readonly #starts: UserStarts;
  readonly #runFiles = new Set<ByteString>();
  readonly #poolFiles = new Set<ByteString>();

  constructor(gathered: Gathered, starts: UserStarts) {
    this.#gathered = gathered;
    this.#starts = starts;
  }

  /** The php-fpm.conf files that something of root's runs. */
  get runFiles(): ReadonlySet<ByteString> {
    return this.#runFiles;
  }

  /** The files that pools were found in. */
  get poolFiles(): ReadonlySet<ByteString> {
    return this.#poolFiles;
  }

  add(start: FpmStart, read: ReadInstallation): void {
    const gathered = this.#gathered;
    const { tree } = gathered;
    const { installation, ini, settings } = read;
    const doubts = allDoubts(read);
    const { mainFile, prefix, environment, setBy } = start;
    if (setBy === 0) this.#runFiles.add(mainFile);
    else if (!this.#starts.take(setBy)) {
      gathered.warnings.push({
        message: `${start.label} was not read: uid ${setBy} has too many`,
        hides: setBy,
      });
      return;
    }
    if (gathered.wasRead([mainFile, prefix, setBy, doubts.length, ...valuesOf(settings)])) return;
    const { pools, warnings } = readFpmPools(tree, {
      mainFile,
      prefix,
      setBy,
      parseIni: (text, context) => parseIni(text, context, dialectOf(installation.version)),
      environment: environment ?? new Map(),
      directive: (name) => {
        const directive = ini.directives.get(name);
        return directive !== undefined && 'value' in directive ? directive.value : undefined;
      },
    });
    const main = tree.find(mainFile);
    if (environment !== null && main instanceof Unreadable && main.isMissing)
      warnings.push({ message: `${printable(mainFile)} of ${start.label} is gone`, hides: 0 });
    const broken = pools.flatMap((pool) => (pool.isBroken ? pool.warnings : []));
    for (const { source } of pools) if (source.kind === 'file') this.#poolFiles.add(source.file);
    const unread = gathered.tell(warnings.map((warning) => boundTo(warning, setBy)));
    // What was lost may have been another pool's lifetime in any of these directories.
    const lost = [...unread, ...broken.filter(({ hides }) => hides === 0)];
    const found = fpmUsages(pools, settings, {
      label: `${gathered.labelPrefix}${start.label}`,
      tree,
    });
    gathered.add(
      found.map((usage, index) => ({
        ...usageStartedBy(
          setBy,
          withDoubts(usage, [
            ...doubtsOf(pools[index], doubts),
            ...lost,
            ...temporaryDoubts(usage, pools[index], start),
          ]),
        ),
        readFrom: [...filesOf(ini), printable(mainFile), ...fileOf(pools[index]?.source)],
        // These know what no .user.ini can change.
        fixedSettings: pools[index]?.adminSettings ?? new Set(),
      })),
      ini,
    );
    if (lost.length === 0) return;
    // A pool that nobody can read has php.ini's directory, for all that is known.
    const usage = gathered.usage(`${start.label}, a pool that was not read`, 'fpm', settings);
    gathered.add([usageStartedBy(setBy, withDoubts(usage, lost))], ini);
  }
}

/** A lifetime that the pool itself sets is known, whatever php.ini says. */
function doubtsOf(pool: FpmPool | undefined, doubts: readonly Warning[]): readonly Warning[] {
  return pool?.settings.has(lifetimeName) === true ? [] : doubts;
}

/** A pool that keeps the master's environment may have its sessions below a TMPDIR of that. */
function temporaryDoubts(
  { settings }: Usage,
  pool: FpmPool | undefined,
  { environment, setBy }: FpmStart,
): Warning[] {
  const isElsewhere = ['session.save_path', 'sys_temp_dir', 'TMPDIR'].some(
    (name) => (settings.get(name as SessionSettingName)?.value ?? '') !== '',
  );
  if (environment !== null || pool?.clearEnv !== false || isElsewhere) return [];
  return [
    {
      message: 'clear_env = no, and the TMPDIR of php-fpm is unknown: set session.save_path',
      source: pool.source,
      hides: setBy,
    },
  ];
}
