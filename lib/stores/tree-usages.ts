/**
 * All the ways in which PHP runs in one tree of files, by its configuration: php.ini for each SAPI,
 * FPM's pools, Apache's scopes, and what users set below the document roots.
 *
 * Invariant: a part that cannot be read hides no other; it is told in `warnings`.
 */

import { scanDocumentRoots } from '../php/apache/document-roots.js';
import { overrideUsages } from '../php/apache/override-usages.js';
import {
  type ApacheConfiguration,
  type ApacheOptions,
  readApache,
} from '../php/apache/read-apache.js';
import { apacheUsages } from '../php/apache/usages.js';
import { askCompiledIn, NotAsked } from '../php/ask.js';
import { type ByteString, printable } from '../php/byte-string.js';
import { compiledInSettings } from '../php/compiled-in.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { type FpmPool, readFpmPools } from '../php/fpm/pools.js';
import { fpmUsages } from '../php/fpm/usages.js';
import { type IniConfiguration, type IniFilesOptions, readIniFiles } from '../php/ini/ini-files.js';
import { parseIni } from '../php/ini/parse-ini.js';
import { findInstallations, type Installation, sapiNames } from '../php/installations.js';
import type { Warning } from '../php/provenance.js';
import type { SessionSettings, Usage } from '../php/usage.js';
import type { DiscoverySwitches } from './config/configuration.js';

export interface TreeOptions {
  readonly switches: DiscoverySwitches;
  /** What stands before the labels, as `docker 0123: `; '' for this machine. */
  readonly labelPrefix: string;
  /** Whether the time for looking below document roots is over. */
  readonly deadline: () => boolean;
}

/** Where Apache's main file lies: Debian; RHEL; SUSE and Alpine; the official container. */
const apacheFiles: readonly ByteString[] = [
  '/etc/apache2/apache2.conf',
  '/etc/httpd/conf/httpd.conf',
  '/etc/apache2/httpd.conf',
  '/usr/local/apache2/conf/httpd.conf',
];

/** One PHP with what its php.ini says. */
export interface ReadInstallation {
  readonly installation: Installation;
  readonly ini: IniConfiguration;
  /** What was compiled in, without any php.ini. */
  readonly defaults: SessionSettings;
  readonly settings: SessionSettings;
}

export class TreeReader {
  readonly usages: Usage[] = [];
  readonly warnings: Warning[] = [];
  readonly installations: ReadInstallation[] = [];
  /** php-fpm.conf and httpd.conf files that were read. */
  readonly readFiles = new Set<ByteString>();
  readonly #apacheConfigurations: ApacheConfiguration[] = [];
  readonly #tree: FileTree;
  readonly #options: TreeOptions;

  constructor(tree: FileTree, options: TreeOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  /** Reads what lies in the usual places. */
  async read(): Promise<void> {
    const { switches } = this.#options;
    await this.#readInstallations();
    if (switches.ini) this.#addIniUsages();
    if (switches.fpm) this.#addPools();
    if (switches.apache) for (const mainFile of apacheFiles) this.addApacheOf({ mainFile });
  }

  /** The PHP of this version, or the only one there is. */
  installationFor(version: string | null, sapiName: string): ReadInstallation | undefined {
    const ofVersion = this.installations.filter(
      ({ installation }) => installation.version === version,
    );
    const candidates = version === null || ofVersion.length === 0 ? this.installations : ofVersion;
    return (
      candidates.find(({ installation }) => installation.sapiName === sapiName) ?? candidates[0]
    );
  }

  /** What an installation's PHP uses where it is started in another way. */
  settingsOf(
    { installation, defaults }: ReadInstallation,
    options: Partial<IniFilesOptions>,
  ): SessionSettings {
    const read = readIniFiles(this.#tree, { ...iniOptions(installation), ...options });
    this.warnings.push(...read.warnings);
    return new Map([...defaults, ...read.settings]);
  }

  async #readInstallations(): Promise<void> {
    const answers = new Map<ByteString, Promise<SessionSettings | null>>();
    for (const installation of findInstallations(this.#tree)) {
      const { interpreter } = installation;
      if (!answers.has(interpreter)) answers.set(interpreter, this.#ask(interpreter));
      const asked = await answers.get(interpreter);
      const ini = readIniFiles(this.#tree, iniOptions(installation));
      this.warnings.push(...ini.warnings);
      const defaults = new Map([...compiledInSettings(installation.packager), ...(asked ?? [])]);
      const settings = new Map([...defaults, ...ini.settings]);
      this.installations.push({ installation, ini, defaults, settings });
    }
  }

  async #ask(interpreter: ByteString): Promise<SessionSettings | null> {
    const isAsked = this.#options.switches.runPhp && this.#tree.isHost;
    if (!isAsked || this.#tree.find(interpreter) instanceof Unreadable) return null;
    const answer = await askCompiledIn(this.#tree, interpreter);
    if (answer instanceof NotAsked) {
      this.warnings.push(answer.warning);
      return null;
    }
    this.warnings.push(...answer.warnings);
    return answer.settings;
  }

  #addIniUsages(): void {
    for (const { installation, settings, ini } of this.installations) {
      // Pools and vhosts are usages of their own.
      if (installation.sapi === 'fpm' || installation.sapi === 'apache2') continue;
      const usage = this.usage(installation.label, installation.sapi, settings);
      this.usages.push(usage, ...(usage.sapi === 'cli' ? [] : sectionUsages(usage, ini)));
    }
  }

  #addPools(): void {
    for (const read of this.installations) {
      const { fpmFile, label } = read.installation;
      if (fpmFile !== null) this.addPoolsOf(fpmFile, null, label, read);
    }
  }

  addPoolsOf(
    mainFile: ByteString,
    prefix: ByteString | null,
    label: string,
    { ini, settings }: ReadInstallation,
  ): void {
    if (this.readFiles.has(mainFile)) return;
    this.readFiles.add(mainFile);
    const { pools, warnings } = readFpmPools(this.#tree, {
      mainFile,
      prefix,
      parseIni,
      environment: new Map(),
      directive: (name) => {
        const directive = ini.directives.get(name);
        return directive !== undefined && 'value' in directive ? directive.value : undefined;
      },
    });
    this.warnings.push(...warnings);
    const found = fpmUsages(pools, settings, {
      label: `${this.#options.labelPrefix}${label}`,
      tree: this.#tree,
      // These know what no .user.ini can change.
    }).map((usage, index) => ({ ...usage, ...fixedSettingsOf(pools[index]) }));
    this.usages.push(...found, ...found.flatMap((usage) => sectionUsages(usage, ini)));
  }

  addApacheOf(options: ApacheOptions): void {
    const { mainFile } = options;
    if (this.readFiles.has(mainFile) || this.#tree.find(mainFile) instanceof Unreadable) return;
    this.readFiles.add(mainFile);
    const configuration = readApache(this.#tree, options);
    this.#apacheConfigurations.push(configuration);
    this.warnings.push(...configuration.warnings);
    this.usages.push(
      ...apacheUsages(configuration, this.#apacheBase(configuration), {
        tree: this.#tree,
        labelPrefix: `${this.#options.labelPrefix}apache2`,
      }),
    );
  }

  #apacheBase({
    phpModules,
    phpIniDirectory,
    temporaryDirectory,
  }: ApacheConfiguration): SessionSettings {
    const version = /(\d\.\d+)\.so$/.exec(phpModules[0] ?? '')?.[1] ?? null;
    const installation = this.installationFor(version, sapiNames.apache2);
    if (installation === undefined) return compiledInSettings('upstream');
    const isUsual =
      installation.installation.sapiName === sapiNames.apache2 && phpIniDirectory === null;
    const settings = isUsual
      ? installation.settings
      : this.settingsOf(installation, {
          sapiName: sapiNames.apache2,
          ...(phpIniDirectory === null ? {} : { searchDirs: [phpIniDirectory.path] }),
        });
    return temporaryDirectory === null
      ? settings
      : new Map([...settings, ['TMPDIR', temporaryDirectory]]);
  }

  /** What users set below the document roots of every configuration that has been read. */
  addUserFiles(): void {
    if (!this.#options.switches.userFiles) return;
    const base = [...this.usages];
    const userIniName = this.installations.find(({ ini }) => ini.userIniFilename !== null);
    for (const configuration of this.#apacheConfigurations) {
      const { overrides, warnings } = scanDocumentRoots(this.#tree, configuration.documentRoots, {
        deadline: this.#options.deadline,
        parseIni,
        userIniName: userIniName?.ini.userIniFilename?.value ?? '.user.ini',
        apache: configuration,
      });
      this.warnings.push(...warnings);
      this.usages.push(...overrideUsages(overrides, base));
    }
  }

  usage(label: string, sapi: Usage['sapi'], settings: SessionSettings): Usage {
    return {
      label: `${this.#options.labelPrefix}${label}`,
      sapi,
      tree: this.#tree,
      runsAs: null,
      chroot: null,
      settings,
      warnings: [],
    };
  }
}

/** What [PATH=…] and [HOST=…] sections of php.ini make of it, for the SAPIs that heed them. */
function sectionUsages(
  usage: Usage & { readonly fixedSettings?: ReadonlySet<string> },
  { overrides }: IniConfiguration,
): Usage[] {
  return overrides.map(({ kind, key, settings }) => ({
    ...usage,
    label: `${usage.label} [${kind}=${printable(key)}]`,
    settings: new Map([
      ...usage.settings,
      ...[...settings].filter(([name]) => usage.fixedSettings?.has(name) !== true),
    ]),
  }));
}

function fixedSettingsOf(pool: FpmPool | undefined): object {
  return pool === undefined ? {} : { fixedSettings: pool.adminSettings };
}

function iniOptions({ sapiName, searchDirs, scanPath, version }: Installation): IniFilesOptions {
  return {
    sapiName,
    searchDirs,
    scanPath,
    dialect: version !== null && Number(version) < 8.3 ? '8.2' : '8.3',
  };
}
