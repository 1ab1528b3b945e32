/**
 * Each Apache of one tree: as it runs, and as its packages start it; with the PHP that its modules are.
 *
 * Invariant: an httpd.conf is read once for each way in which it is started, and in the usual way only
 * where nothing that runs has it. What was not read is a doubt about all of that Apache.
 */
import { apacheLayouts } from '../../php/apache/layouts.js';
import {
  type ApacheConfiguration,
  type ApacheOptions,
  readApache,
} from '../../php/apache/read-apache.js';
import { apacheUsages } from '../../php/apache/usages.js';
import { type ByteString, printable } from '../../php/byte-string.js';
import { Unreadable } from '../../php/file-tree.js';
import type { IniFilesOptions } from '../../php/ini/ini-files.js';
import { type Installation, sapiNames } from '../../php/installed/installation.js';
import type { Warning } from '../../php/provenance.js';
import { layered } from '../../php/usage.js';
import { type Gathered, withMaps } from './gathered.js';
import type { InstalledPhp } from './installed-php.js';
import { allDoubts, type ReadInstallation } from './read-installation.js';
import { fileOf, filesOf, withDoubts } from './usage-doubts.js';

/** How Apache is started, and which php.ini its PHP then reads. */
export interface ApacheStart extends ApacheOptions {
  readonly iniOptions?: Partial<IniFilesOptions>;
  /** Whether one runs so, which has read files that may be gone. Default: no. */
  readonly isRunning?: boolean;
}

export class ApacheReader {
  readonly configurations: ApacheConfiguration[] = [];
  /** What was not read of these. */
  readonly losses: Warning[] = [];
  readonly #gathered: Gathered;
  readonly #php: InstalledPhp;
  /** The httpd.conf files that something of root's runs. */
  readonly #runFiles = new Set<ByteString>();

  constructor(gathered: Gathered, php: InstalledPhp) {
    this.#gathered = gathered;
    this.#php = php;
  }

  /** @param found those that are known to be there, besides the usual ones */
  addUsual(found: readonly ApacheStart[]): void {
    for (const start of [...found, ...apacheLayouts]) {
      const place = this.#gathered.tree.find(start.mainFile);
      const isRead =
        this.#runFiles.has(start.mainFile) || ('path' in place && this.#runFiles.has(place.path));
      if (!isRead) this.add(start);
    }
  }

  add({ iniOptions: ini, isRunning = false, ...options }: ApacheStart): void {
    const gathered = this.#gathered;
    const { tree } = gathered;
    const { mainFile } = options;
    const main = tree.find(mainFile);
    const isGone = main instanceof Unreadable && main.isMissing;
    if (isGone && !isRunning) return;
    this.#runFiles.add(mainFile);
    if ('path' in main) this.#runFiles.add(main.path);
    if (gathered.wasRead([options, ini].map((part) => JSON.stringify(part, withMaps)))) return;
    const configuration = readApache(tree, options);
    this.configurations.push(configuration);
    const gone = { message: `${printable(mainFile)} of a running Apache is gone`, hides: 0 };
    const unread = gathered.tell([...configuration.warnings, ...(isGone ? [gone] : [])]);
    for (const loss of unread) this.losses.push(loss);
    if (!configuration.runsPhp && unread.length === 0) return;
    const { settings, doubts, ini: read } = this.#base(configuration, ini);
    const readFrom = [...filesOf(read), printable(mainFile)];
    if (!configuration.runsPhp) {
      // What loads mod_php may be among what was not read.
      const usage = gathered.usage('apache2, a part that was not read', 'apache2', settings);
      gathered.add([withDoubts(usage, unread)], null);
      return;
    }
    const found = apacheUsages(configuration, settings, {
      tree,
      labelPrefix: `${gathered.labelPrefix}apache2`,
      warnings: gathered.warnings,
    });
    gathered.add(
      found.map((usage) => ({
        ...withDoubts(usage, [...unread, ...doubts]),
        readFrom: [...readFrom, ...fileOf(usage.apache.scope.source)],
      })),
      null,
    );
  }

  /** What its PHP has before any of its scopes says otherwise. */
  #base(
    { phpModules, phpIniDirectory, temporaryDirectory }: ApacheConfiguration,
    ini: Partial<IniFilesOptions> | undefined,
  ): Pick<ReadInstallation, 'settings' | 'doubts' | 'ini'> {
    const module = phpModules[0] ?? '';
    const version = /(\d\.\d+)\.so$/.exec(module)?.[1] ?? null;
    const read = this.#php.ofModule(version, module);
    const isUsual =
      read.installation.sapiName === sapiNames.apache2 &&
      phpIniDirectory === null &&
      ini === undefined;
    const started = isUsual
      ? read
      : this.#php.startedWith(read, {
          ...ini,
          sapiName: sapiNames.apache2,
          ...debianApache(read.installation),
          ...(phpIniDirectory === null ? {} : { searchDirs: [phpIniDirectory.path] }),
        });
    return {
      settings:
        temporaryDirectory === null
          ? started.settings
          : layered(started.settings, new Map([['TMPDIR', temporaryDirectory]])),
      doubts: [...new Set([...read.doubts, ...allDoubts(started)])],
      ini: started.ini,
    };
  }
}

/** Debian's mod_php never reads the files of another SAPI. */
function debianApache({ packager, version }: Installation): Partial<IniFilesOptions> {
  if (packager !== 'debian') return {};
  const directory = `/etc/php/${version}/apache2`;
  return { searchDirs: [directory], scanPath: `${directory}/conf.d` };
}
