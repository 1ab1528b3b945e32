/**
 * All the ways in which PHP runs in one tree of files, by its configuration: php.ini for each SAPI,
 * FPM's pools, Apache's scopes, and what users set below the document roots. The door to ./tree/,
 * which has a module for each of them.
 *
 * Invariant: a part that cannot be read hides no other; it is reported in `warnings`. Running PHP is added
 * first, then PHP that could run, then the user files that apply to them.
 */

import type { ApacheConfiguration } from '../php/apache/read-apache.js';
import type { PlacedWrapper } from '../php/apache/wrappers.js';
import type { ByteString } from '../php/byte-string.js';
import type { FileTree } from '../php/file-tree.js';
import type { IniConfiguration, IniFilesOptions } from '../php/ini/ini-files.js';
import { iniOverrideUsages } from '../php/litespeed/ini-override-usages.js';
import type { OpenLiteSpeed } from '../php/litespeed/read-openlitespeed.js';
import type { UnitStart } from '../php/processes/unit-starts.js';
import type { Warning } from '../php/provenance.js';
import type { Sapi, SessionSettings, Usage } from '../php/usage.js';
import type { ServedBesideApache } from '../php/web-servers/served.js';
import type { DiscoverySwitches } from './config/configuration.js';
import { ApacheReader, type ApacheStart } from './tree/apache.js';
import { Gathered } from './tree/gathered.js';
import { InstalledPhp } from './tree/installed-php.js';
import { type FpmStart, PoolReader } from './tree/pools.js';
import type { ReadInstallation } from './tree/read-installation.js';
import { type ServersOptions, TreeServers } from './tree/servers.js';
import { TreeStarts } from './tree/starts.js';
import { addUserFiles } from './tree/user-files.js';
import { UserStarts } from './tree/user-starts.js';

export interface TreeOptions extends ServersOptions {
  readonly switches: DiscoverySwitches;
  /** What stands before the labels, as `docker 0123: `; '' for this machine. */
  readonly labelPrefix: string;
  /** Milliseconds. */
  readonly clock?: () => number;
}

export class TreeReader {
  readonly #switches: DiscoverySwitches;
  readonly #gathered: Gathered;
  readonly #php: InstalledPhp;
  readonly #pools: PoolReader;
  readonly #apache: ApacheReader;
  readonly #servers: TreeServers;
  readonly #starts: TreeStarts;
  #accessFileWrappers: readonly PlacedWrapper[] = [];

  constructor(tree: FileTree, options: TreeOptions) {
    const userStarts = new UserStarts(options.clock ?? (() => performance.now()));
    this.#starts = new TreeStarts(tree);
    this.#switches = options.switches;
    this.#gathered = new Gathered(tree, options.labelPrefix);
    this.#php = new InstalledPhp(this.#gathered, options.switches, this.#starts, userStarts);
    this.#pools = new PoolReader(this.#gathered, userStarts);
    this.#apache = new ApacheReader(this.#gathered, this.#php);
    this.#servers = new TreeServers(this.#gathered, options, this.#starts);
  }

  get usages(): Usage[] {
    return this.#gathered.usages;
  }

  get warnings(): Warning[] {
    return this.#gathered.warnings;
  }

  get installations(): readonly ReadInstallation[] {
    return this.#php.all;
  }

  get apacheConfigurations(): readonly ApacheConfiguration[] {
    return this.#apache.configurations;
  }

  /** Those of .htaccess files, once user files were added. */
  get accessFileWrappers(): readonly PlacedWrapper[] {
    return this.#accessFileWrappers;
  }

  get openLiteSpeed(): readonly OpenLiteSpeed[] {
    return this.#servers.openLiteSpeed;
  }

  /** The PHP that there is, with the usages of those that have no configuration but php.ini. */
  readInstallations(): Promise<void> {
    return this.#php.read();
  }

  /** The same PHP where it is started in another way. */
  startedWith(read: ReadInstallation, options: Partial<IniFilesOptions>): ReadInstallation {
    return this.#php.startedWith(read, options);
  }

  /** The PHP that a program belongs to; with a doubt where no layout that is known fits it. */
  installationOf(...program: Parameters<InstalledPhp['ofProgram']>): ReadInstallation {
    return this.#php.ofProgram(...program);
  }

  get switches(): DiscoverySwitches {
    return this.#switches;
  }

  /** The services that start PHP. */
  get phpStarts(): readonly UnitStart[] {
    return this.#starts.php;
  }

  /** PHP that a web server starts by itself, which is no Apache. */
  get startedBackends(): ServedBesideApache['backends'] {
    return this.#servers.besideApache.backends;
  }

  /** The php-fpm.conf files that something of root's runs. */
  get runFiles(): ReadonlySet<ByteString> {
    return this.#pools.runFiles;
  }

  /** The files that pools were found in. */
  get poolFiles(): ReadonlySet<ByteString> {
    return this.#pools.poolFiles;
  }

  addPools(start: FpmStart, read: ReadInstallation): void {
    this.#pools.add(start, read);
  }

  /** Apache as its packages start it. */
  addUsualApache(): void {
    if (this.#switches.apache) this.#apache.addUsual(this.#servers.found.apache);
  }

  addApache(start: ApacheStart): void {
    this.#apache.add(start);
  }

  /** What users set below the document roots of every web server whose configuration was read. */
  addUserFiles(): void {
    const { apache, userFiles, documentRoots: named } = this.#switches;
    const { usages, warnings } = this.#gathered;
    const overridden = this.openLiteSpeed.flatMap(({ overrides }) =>
      iniOverrideUsages(overrides, usages, warnings),
    );
    for (const usage of overridden) usages.push(usage);
    if (!userFiles) return;
    this.#accessFileWrappers = addUserFiles(this.#gathered, {
      served: this.#servers.served(this.#apache, apache),
      named,
      apache: this.#apache.configurations,
      installations: this.#php.all,
    });
  }

  /** @param ini what the SAPI heeds the [PATH=…] and [HOST=…] sections of; null: of nothing */
  add(usages: readonly Usage[], ini: IniConfiguration | null): void {
    this.#gathered.add(usages, ini);
  }

  usage(label: string, sapi: Sapi, settings: SessionSettings): Usage {
    return this.#gathered.usage(label, sapi, settings);
  }
}
