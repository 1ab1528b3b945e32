/**
 * All the ways in which PHP runs in one tree of files, by its configuration: php.ini for each SAPI,
 * FPM's pools, Apache's scopes, and what users set below the document roots.
 *
 * Invariant: a part that cannot be read hides no other; it is told in `warnings`. A configuration is
 * read once for each way in which it is started, and in the usual way where nothing of root's runs it.
 */

import { scanDocumentRoots } from '../php/apache/document-roots.js';
import { apacheLayouts } from '../php/apache/layouts.js';
import { overrideUsages } from '../php/apache/override-usages.js';
import {
  type ApacheConfiguration,
  type ApacheOptions,
  type DocumentRoot,
  readApache,
} from '../php/apache/read-apache.js';
import { ScanBudget } from '../php/apache/scan-budget.js';
import { apacheUsages } from '../php/apache/usages.js';
import type { PlacedWrapper } from '../php/apache/wrappers.js';
import { askCompiledIn, NotAsked } from '../php/ask.js';
import { type ByteString, printable } from '../php/byte-string.js';
import { compiledInSettings } from '../php/compiled-in.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { type FpmPool, readFpmPools } from '../php/fpm/pools.js';
import { fpmUsages } from '../php/fpm/usages.js';
import { type IniConfiguration, type IniFilesOptions, readIniFiles } from '../php/ini/ini-files.js';
import { parseIni } from '../php/ini/parse-ini.js';
import { dialectOf } from '../php/ini/scan-rules.js';
import { findInstallations, type Installation, sapiNames } from '../php/installations.js';
import { iniOverrideUsages } from '../php/litespeed/ini-override-usages.js';
import { type OpenLiteSpeed, readOpenLiteSpeed } from '../php/litespeed/read-openlitespeed.js';
import { phpValueUsages } from '../php/nginx/php-values.js';
import { bothSetters, orRoot, type Setter, type Source, type Warning } from '../php/provenance.js';
import {
  layered,
  type Sapi,
  type SessionSettingName,
  type SessionSettings,
  type Usage,
} from '../php/usage.js';
import { findWebServers, type WebServers } from '../php/web-servers/find-web-servers.js';
import type { RunningServer } from '../php/web-servers/running.js';
import { nothingServed, type Served, servedByNginx } from '../php/web-servers/served.js';
import type { DiscoverySwitches } from './config/configuration.js';
import { type ServedWithLosses, ServingDoubts } from './serving-doubts.js';

export interface TreeOptions {
  readonly switches: DiscoverySwitches;
  /** What stands before the labels, as `docker 0123: `; '' for this machine. */
  readonly labelPrefix: string;
  /** The web servers that run and see these files. Default: none is known of. */
  readonly runningServers?: readonly RunningServer[];
  /** What those of other trees serve here; asked where this one has none. */
  readonly servedElsewhere?: () => Served;
  /** Milliseconds. */
  readonly clock?: () => number;
}

/** What is read of how one user starts PHP, and for how long. */
const maxStartsPerUser = 16;
const maxMsPerUser = 1000;
/** In files that a user put together. */
const maxInstallationsOfUser = 64;

const lifetimeName = 'session.gc_maxlifetime';

/** One PHP with what its php.ini says. */
export interface ReadInstallation {
  readonly installation: Installation;
  readonly ini: IniConfiguration;
  /** What was compiled in, without any php.ini. */
  readonly defaults: SessionSettings;
  readonly settings: SessionSettings;
  /** What may say otherwise, and was not read; each hides whose word that would be. */
  readonly doubts: readonly Warning[];
  /** Why another php.ini may be its own, which is a doubt too; null: it is this one. */
  readonly unknown: Warning | null;
}

export function allDoubts({ unknown, doubts }: ReadInstallation): readonly Warning[] {
  return unknown === null ? doubts : [unknown, ...doubts];
}

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

/** How Apache is started, and which php.ini its PHP then reads. */
export interface ApacheStart extends ApacheOptions {
  readonly iniOptions?: Partial<IniFilesOptions>;
  /** Whether one runs so, which has read files that may be gone. Default: no. */
  readonly isRunning?: boolean;
}

export class TreeReader {
  readonly usages: Usage[] = [];
  readonly warnings: Warning[] = [];
  readonly installations: ReadInstallation[] = [];
  /** php-fpm.conf and httpd.conf files that something of root's runs. */
  readonly #runFiles = new Set<ByteString>();
  /** What was read already, with how it was started. */
  readonly #read = new Set<string>();
  readonly #started = new Map<string, ReadInstallation>();
  readonly #starts = new Map<Setter, number>();
  readonly #spentMs = new Map<Setter, number>();
  readonly apacheConfigurations: ApacheConfiguration[] = [];
  /** Those of .htaccess files. */
  readonly accessFileWrappers: PlacedWrapper[] = [];
  /** What was not read of these. */
  readonly #apacheLosses: Warning[] = [];
  #webServers: WebServers | undefined;
  #openLiteSpeed: readonly OpenLiteSpeed[] | undefined;
  readonly #tree: FileTree;
  readonly #options: TreeOptions;
  readonly #clock: () => number;

  constructor(tree: FileTree, options: TreeOptions) {
    this.#tree = tree;
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** The PHP that there is, with the usages of those that have no configuration but php.ini. */
  async readInstallations(): Promise<void> {
    const answers = new Map<ByteString, Promise<SessionSettings | null>>();
    const installations = findInstallations(this.#tree);
    const { setBy } = this.#tree;
    if (setBy !== 0 && installations.length > maxInstallationsOfUser) {
      installations.length = maxInstallationsOfUser;
      this.warnings.push({
        message: 'there are too many PHPs to look at all of them',
        hides: setBy,
      });
    }
    for (const installation of installations) {
      const { interpreter } = installation;
      if (!answers.has(interpreter)) answers.set(interpreter, this.#ask(interpreter));
      const asked = await answers.get(interpreter);
      const defaults = layered(compiledInSettings(installation.packager), asked ?? new Map());
      this.installations.push(this.#readInstallation(installation, defaults, {}));
    }
    if (this.#options.switches.ini) this.#addIniUsages();
  }

  /** The same PHP where it is started in another way. */
  startedWith(read: ReadInstallation, options: Partial<IniFilesOptions>): ReadInstallation {
    const { installation, defaults } = read;
    const key = JSON.stringify([installation, options], withMaps);
    const known = this.#started.get(key);
    if (known !== undefined) return { ...known, unknown: read.unknown };
    const { setBy = 0 } = options;
    if (!this.#takeStart(setBy)) {
      const message = `PHP is started in more than ${maxStartsPerUser} ways by uid ${setBy}: how long its sessions live is not known`;
      return { ...read, doubts: [...read.doubts, { message, hides: setBy }] };
    }
    const started = this.#spend(setBy, () =>
      this.#readInstallation(installation, defaults, options),
    );
    this.#started.set(key, started);
    return { ...started, unknown: read.unknown };
  }

  /** Whoever starts thousands of PHPs, each with files of its own, has only some of them read. */
  #takeStart(setBy: Setter): boolean {
    if (setBy === 0) return true;
    const count = (this.#starts.get(setBy) ?? 0) + 1;
    this.#starts.set(setBy, count);
    return count <= maxStartsPerUser && (this.#spentMs.get(setBy) ?? 0) <= maxMsPerUser;
  }

  #spend<T>(setBy: Setter, work: () => T): T {
    const began = this.#clock();
    const result = work();
    this.#spentMs.set(setBy, (this.#spentMs.get(setBy) ?? 0) + this.#clock() - began);
    return result;
  }

  #readInstallation(
    installation: Installation,
    defaults: SessionSettings,
    options: Partial<IniFilesOptions>,
  ): ReadInstallation {
    const question = { ...iniOptions(installation), ...options };
    const ini = readIniFiles(this.#tree, question);
    const isEvident =
      Object.keys(options).length > 0 ||
      installation.sapi === 'fpm' ||
      installation.sapi === 'apache2' ||
      !(this.#tree.find(installation.interpreter) instanceof Unreadable);
    const missing = [
      ...(isEvident ? missingIni(installation, question, ini) : []),
      ...goneIni(this.#tree, question, ini),
    ];
    const settings = layered(defaults, ini.settings);
    return {
      installation,
      ini,
      defaults,
      settings,
      doubts: this.#tell([...ini.warnings, ...missing]),
      unknown: null,
    };
  }

  /**
   * @returns those that hide root's word about what has just been read, and so about its usages; a
   *   user's is about that user's sessions anywhere
   */
  #tell(warnings: readonly Warning[]): Warning[] {
    const doubts = warnings.filter(({ hides }) => hides === 0);
    for (const warning of warnings) {
      const { hides, ...plain } = warning;
      this.warnings.push(hides === 0 ? plain : warning);
    }
    return doubts;
  }

  async #ask(interpreter: ByteString): Promise<SessionSettings | null> {
    const isAsked = this.#options.switches.runPhp && this.#tree.isHost;
    if (!isAsked || this.#tree.find(interpreter) instanceof Unreadable) return null;
    const answer = await askCompiledIn(this.#tree, interpreter);
    if (answer instanceof NotAsked) {
      this.warnings.push(answer.warning);
      return null;
    }
    this.#tell(answer.warnings);
    return answer.settings;
  }

  #addIniUsages(): void {
    for (const read of this.installations) {
      const { installation, settings, ini } = read;
      // Pools and vhosts are usages of their own.
      if (installation.sapi === 'fpm' || installation.sapi === 'apache2') continue;
      const usage = {
        ...this.usage(installation.label, installation.sapi, settings),
        readFrom: filesOf(ini),
      };
      this.#add([withDoubts(usage, allDoubts(read))], usage.sapi === 'cli' ? null : ini);
    }
  }

  /** FPM as its packages start it. */
  addUsualPools(): void {
    if (!this.#options.switches.fpm) return;
    for (const read of this.installations) {
      const { fpmFile: mainFile, label } = read.installation;
      if (mainFile === null || this.#runFiles.has(mainFile)) continue;
      this.addPools({ mainFile, prefix: null, label, environment: null, setBy: 0 }, read);
    }
  }

  addPools(start: FpmStart, read: ReadInstallation): void {
    const { installation, ini, settings } = read;
    const doubts = allDoubts(read);
    const { mainFile, prefix, environment, setBy } = start;
    if (setBy === 0) this.#runFiles.add(mainFile);
    else if (!this.#takeStart(setBy)) {
      this.warnings.push({
        message: `${start.label} is not looked into: uid ${setBy} has too many`,
        hides: setBy,
      });
      return;
    }
    if (this.#wasRead([mainFile, prefix, setBy, doubts.length, ...valuesOf(settings)])) return;
    const { pools, warnings } = readFpmPools(this.#tree, {
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
    const main = this.#tree.find(mainFile);
    if (environment !== null && main instanceof Unreadable && main.isMissing)
      warnings.push({ message: `${printable(mainFile)} of ${start.label} is gone`, hides: 0 });
    const broken = pools.flatMap((pool) => (pool.isBroken ? pool.warnings : []));
    const unread = this.#tell(warnings.map((warning) => boundTo(warning, setBy)));
    // What was lost may have been another pool's lifetime in any of these directories.
    const lost = [...unread, ...broken.filter(({ hides }) => hides === 0)];
    const found = fpmUsages(pools, settings, {
      label: `${this.#options.labelPrefix}${start.label}`,
      tree: this.#tree,
    });
    this.#add(
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
    const usage = this.usage(`${start.label}, a pool that was not read`, 'fpm', settings);
    this.#add([usageStartedBy(setBy, withDoubts(usage, lost))], ini);
  }

  /** Apache as its packages start it. */
  addUsualApache(): void {
    if (!this.#options.switches.apache) return;
    for (const start of [...this.#servers().apache, ...apacheLayouts]) {
      const place = this.#tree.find(start.mainFile);
      const isRead =
        this.#runFiles.has(start.mainFile) || ('path' in place && this.#runFiles.has(place.path));
      if (!isRead) this.addApache(start);
    }
  }

  addApache({ iniOptions: ini, isRunning = false, ...options }: ApacheStart): void {
    const { mainFile } = options;
    const main = this.#tree.find(mainFile);
    if (main instanceof Unreadable && main.isMissing && !isRunning) return;
    this.#runFiles.add(mainFile);
    if ('path' in main) this.#runFiles.add(main.path);
    if (this.#wasRead([options, ini].map((part) => JSON.stringify(part, withMaps)))) return;
    const configuration = readApache(this.#tree, options);
    this.apacheConfigurations.push(configuration);
    const gone = { message: `${printable(mainFile)} of an Apache that runs is gone`, hides: 0 };
    const isGone = main instanceof Unreadable && main.isMissing;
    const unread = this.#tell([...configuration.warnings, ...(isGone ? [gone] : [])]);
    for (const loss of unread) this.#apacheLosses.push(loss);
    if (!configuration.runsPhp && unread.length === 0) return;
    const { settings, doubts, ini: read } = this.#apacheBase(configuration, ini);
    const readFrom = [...filesOf(read), printable(mainFile)];
    if (!configuration.runsPhp) {
      // What loads mod_php may be among what was not read.
      const usage = this.usage('apache2, a part that was not read', 'apache2', settings);
      this.#add([withDoubts(usage, unread)], null);
      return;
    }
    const found = apacheUsages(configuration, settings, {
      tree: this.#tree,
      labelPrefix: `${this.#options.labelPrefix}apache2`,
      warnings: this.warnings,
    });
    this.#add(
      found.map((usage) => ({
        ...withDoubts(usage, [...unread, ...doubts]),
        readFrom: [...readFrom, ...fileOf(usage.apache.scope.source)],
      })),
      null,
    );
  }

  #apacheBase(
    { phpModules, phpIniDirectory, temporaryDirectory }: ApacheConfiguration,
    ini: Partial<IniFilesOptions> | undefined,
  ): Pick<ReadInstallation, 'settings' | 'doubts' | 'ini'> {
    const module = phpModules[0] ?? '';
    const version = /(\d\.\d+)\.so$/.exec(module)?.[1] ?? null;
    const read = this.#ofModule(version, module);
    const isUsual =
      read.installation.sapiName === sapiNames.apache2 &&
      phpIniDirectory === null &&
      ini === undefined;
    const started = isUsual
      ? read
      : this.startedWith(read, {
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

  /** mod_php of a version is that version's; one without is the only PHP that there is. */
  #ofModule(version: string | null, module: ByteString): ReadInstallation {
    const fitting = this.installations.filter(
      ({ installation }) => version === null || installation.version === version,
    );
    const own =
      fitting.find(({ installation }) => installation.sapi === 'apache2') ??
      fitting.find(({ installation }) => installation.sapi === 'cli') ??
      fitting[0];
    const places = new Set(
      fitting.map(({ installation }) => `${installation.version} ${installation.interpreter}`),
    );
    if (own !== undefined && places.size === 1) return own;
    return unknownPhp(own, 'apache2', module, 0);
  }

  /** The PHP that a program belongs to; with a doubt where no layout that is known fits it. */
  installationOf(
    program: { readonly exe: ByteString | null; readonly version: string | null },
    sapi: keyof typeof sapiNames,
    setBy: Setter,
  ): ReadInstallation {
    const { exe, version } = program;
    const ofVersion = this.installations.filter(
      ({ installation }) =>
        version === null || installation.version === null || installation.version === version,
    );
    const fitting = exe === null ? ofVersion : closest(ofVersion, exe);
    const own =
      fitting.find(({ installation }) => installation.sapi === sapi) ??
      fitting.find(({ installation }) => installation.sapi === 'cli') ??
      fitting[0];
    const places = new Set(fitting.map(({ installation }) => installation.interpreter));
    const inis = new Set(
      fitting
        .filter(({ installation }) => installation.sapi === own?.installation.sapi)
        .map(({ installation }) => installation.searchDirs.join(':')),
    );
    const isOwn =
      own !== undefined &&
      places.size === 1 &&
      inis.size === 1 &&
      isKnownIn(own.installation, sapi);
    if (own !== undefined && isOwn && own.installation.sapi === sapi) return own;
    const base = own ?? this.installations[0];
    if (base === undefined || !isOwn) return unknownPhp(base, sapi, exe ?? sapi, setBy);
    return this.startedWith(base, { sapiName: sapiNames[sapi] });
  }

  /** What users set below the document roots of every web server whose configuration was read. */
  addUserFiles(): void {
    const { userFiles, documentRoots: named } = this.#options.switches;
    const overridden = this.openLiteSpeed.flatMap(({ overrides }) =>
      iniOverrideUsages(overrides, this.usages, this.warnings),
    );
    for (const usage of overridden) this.usages.push(usage);
    if (!userFiles) return;
    const served = this.#served();
    const doubts = new ServingDoubts(this.#tree, served, named, this.#options.labelPrefix === '');
    for (const [at, usage] of this.usages.entries())
      this.usages[at] = withDoubts(usage, doubts.about(usage));
    const ofApache = this.apacheConfigurations.flatMap(({ phpValues }) => phpValues);
    for (const usage of phpValueUsages([...served.phpValues, ...ofApache], this.usages))
      this.usages.push(usage);
    for (const [uid, { phpValues }] of served.byUser) {
      for (const usage of phpValueUsages(phpValues, ofUser(this.usages, uid)))
        this.usages.push(usage);
    }
    const base = [...this.usages];
    const budget = new ScanBudget();
    const userIniNames = new Set(
      this.installations.map(({ ini }) => ini.userIniFilename?.value ?? '.user.ini'),
    );
    userIniNames.delete('');
    const common = { budget, parseIni, userIniNames: [...userIniNames] };
    const add = (
      roots: readonly DocumentRoot[],
      apache: ApacheConfiguration | null,
      readers: readonly Usage[] = base,
    ) => {
      const found = scanDocumentRoots(this.#tree, roots, { ...common, apache });
      const { overrides, wrappers, warnings } = found;
      for (const warning of warnings) this.warnings.push(warning);
      for (const wrapper of wrappers) this.accessFileWrappers.push(wrapper);
      const sent = overrides.flatMap(({ phpValues = [] }) => phpValues);
      for (const usage of [
        ...overrideUsages(overrides, readers, this.warnings),
        ...phpValueUsages(sent, readers, { isLifetimeOnly: true }),
      ])
        this.usages.push({ ...usage, isUserFile: true });
    };
    const known = new Set<ByteString>();
    for (const configuration of this.apacheConfigurations) {
      for (const { path } of configuration.documentRoots) known.add(path);
      add(configuration.documentRoots, configuration);
    }
    const others = [
      ...served.roots,
      ...(named ?? []).map(({ value, source }): DocumentRoot => ({ path: value, source })),
    ].filter(({ path }) => !known.has(path) && known.add(path));
    add(others, null);
    for (const [uid, { roots }] of served.byUser) add(roots, null, ofUser(base, uid));
  }

  #servers(): WebServers {
    this.#webServers ??= findWebServers(this.#tree, this.#options.runningServers);
    return this.#webServers;
  }

  /** OpenLiteSpeed's configurations. */
  get openLiteSpeed(): readonly OpenLiteSpeed[] {
    this.#openLiteSpeed ??= this.#servers().openLiteSpeed.map((directory) =>
      readOpenLiteSpeed(this.#tree, directory),
    );
    return this.#openLiteSpeed;
  }

  /** What web servers have PHP do here: this tree's own, or those of others where it has none. */
  #served(): ServedWithLosses {
    const own = servedByNginx(this.#tree, this.#servers());
    for (const warning of own.warnings) this.warnings.push(warning);
    const roots = [...own.roots, ...this.openLiteSpeed.flatMap((one) => one.roots)];
    const ofLiteSpeed = this.#tell(this.openLiteSpeed.flatMap(({ warnings }) => warnings));
    const losses = [...this.#apacheLosses, ...ofLiteSpeed];
    const isRead = this.apacheConfigurations.length > 0 || this.openLiteSpeed.length > 0;
    if (own.isAny || isRead || !this.#options.switches.apache)
      return { ...own, roots, isAny: true, losses };
    const others = this.#options.servedElsewhere?.() ?? nothingServed;
    // What users run themselves is not the web server of all.
    const unread = [...own.unread, ...others.unread];
    return { ...others, byUser: own.byUser, unread, losses: others.warnings };
  }

  usage(label: string, sapi: Sapi, settings: SessionSettings): Usage {
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

  /** @param ini what the SAPI heeds the [PATH=…] and [HOST=…] sections of; null: of nothing */
  #add(usages: readonly Usage[], ini: IniConfiguration | null): void {
    for (const usage of usages) {
      this.usages.push(usage);
      if (ini === null) continue;
      for (const special of sectionUsages(usage, ini)) this.usages.push(special);
    }
  }

  #wasRead(how: readonly unknown[]): boolean {
    const key = JSON.stringify(how);
    if (this.#read.has(key)) return true;
    this.#read.add(key);
    return false;
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
    settings: layered(
      usage.settings,
      new Map([...settings].filter(([name]) => usage.fixedSettings?.has(name) !== true)),
    ),
    // PHP gives them the rank of an administrator's.
    fixedSettings: new Set([...(usage.fixedSettings ?? []), ...settings.keys()]),
  }));
}

/** Each file, or those of a scan directory together, with how many they are. */
export function filesOf({ files, directives }: IniConfiguration): string[] {
  const main = directives.get('cfg_file_path');
  const mainPath = main !== undefined && 'value' in main ? main.value : null;
  const counts = new Map<ByteString, number>();
  const named: string[] = [];
  for (const { path } of files) {
    const directory = path.slice(0, path.lastIndexOf('/'));
    if (path === mainPath) named.push(printable(path));
    else counts.set(directory, (counts.get(directory) ?? 0) + 1);
  }
  for (const [directory, count] of counts)
    named.push(`${printable(directory)}/*.ini (${count} ${count === 1 ? 'file' : 'files'})`);
  return named;
}

function fileOf(source: Source | undefined): string[] {
  return source?.kind === 'file' ? [printable(source.file)] : [];
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
      message: 'clear_env = no, and the TMPDIR of php-fpm is not known: set session.save_path',
      source: pool.source,
      hides: setBy,
    },
  ];
}

/** PHP that runs as a user. */
function ofUser(usages: readonly Usage[], uid: number): Usage[] {
  return usages.filter(({ runsAs }) => runsAs?.uid === uid);
}

function withDoubts<U extends Usage>(usage: U, doubts: readonly Warning[]): U {
  return doubts.length === 0 ? usage : { ...usage, warnings: [...usage.warnings, ...doubts] };
}

/** Nothing that a user starts is more than his word, and it can write as nobody else. */
function usageStartedBy(setBy: Setter, usage: Usage): Usage {
  if (setBy === 0) return usage;
  return {
    ...usage,
    runsAs: setBy === null ? null : { uid: setBy, name: null },
    settings: new Map(
      Array.from(usage.settings, ([name, setting]) => [
        name,
        { ...setting, setBy: bothSetters(setting.setBy, setBy) },
      ]),
    ),
    warnings: usage.warnings.map((warning) => boundTo(warning, setBy)),
  };
}

function boundTo(warning: Warning, setBy: Setter): Warning {
  return warning.hides === undefined
    ? warning
    : { ...warning, hides: bothSetters(warning.hides, setBy) };
}

/** Those whose prefix a program lies below, as `/opt/plesk/php/8.2` or `/usr`: the longest of them. */
function closest(installations: readonly ReadInstallation[], exe: ByteString): ReadInstallation[] {
  let longest = -1;
  let found: ReadInstallation[] = [];
  for (const read of installations) {
    const prefix = read.installation.interpreter.replace(/\/[^/]+\/[^/]+$/, '');
    if (!exe.startsWith(`${prefix}/`) || prefix.length < longest) continue;
    if (prefix.length > longest) found = [];
    longest = prefix.length;
    found.push(read);
  }
  // `/usr` is no home of what has one of its own below it.
  return /^\/usr\/local\//.test(exe) && longest <= '/usr'.length ? [] : found;
}

/** FrankenPHP brings its own PHP; only its containers have it where the official ones have theirs. */
function isKnownIn({ interpreter }: Installation, sapi: Sapi): boolean {
  return sapi !== 'frankenphp' || interpreter === '/usr/local/bin/php';
}

/** Debian's mod_php never reads the files of another SAPI. */
function debianApache({ packager, version }: Installation): Partial<IniFilesOptions> {
  if (packager !== 'debian') return {};
  const directory = `/etc/php/${version}/apache2`;
  return { searchDirs: [directory], scanPath: `${directory}/conf.d` };
}

/** Someone's PHP whose php.ini nobody knows: by another's, or PHP's own defaults, and with a doubt. */
function unknownPhp(
  near: ReadInstallation | undefined,
  sapi: keyof typeof sapiNames,
  program: ByteString,
  setBy: Setter,
): ReadInstallation {
  const defaults = compiledInSettings('upstream');
  const unknown: Warning = {
    message: `which php.ini ${printable(program)} reads is not known, and so not how long its sessions live; name the store in /etc/sescle/sescle.toml`,
    hides: setBy,
  };
  if (near !== undefined) return { ...near, unknown };
  const installation: Installation = {
    label: `php-${sapi}`,
    sapi,
    sapiName: sapiNames[sapi],
    version: null,
    searchDirs: [],
    scanPath: '',
    fpmFile: null,
    interpreter: '',
    packager: 'upstream',
  };
  return { installation, ini: noIni, defaults, settings: defaults, doubts: [], unknown };
}

/**
 * A PHP that has no php.ini where its packages put it: it may have one elsewhere, or be about to get
 * it back.
 */
function missingIni(
  { label, isIniOptional }: Installation,
  { override, environment, ignoreFiles, searchDirs, setBy }: IniFilesOptions,
  { directives }: IniConfiguration,
): Warning[] {
  if (directives.has('cfg_file_path')) return [];
  const named = override ?? environment?.get('PHPRC') ?? '';
  const isWithout: boolean =
    ignoreFiles === true || searchDirs.length === 0 || isIniOptional === true;
  if (named === '' && isWithout) return [];
  const places = named === '' ? searchDirs : [named];
  const message = `no php.ini of ${label} was found in ${places.map(printable).join(', ')}: how long its sessions live is not known. Set session.gc_maxlifetime in the pool or virtual host, or name the store in /etc/sescle/sescle.toml`;
  return [{ message, hides: orRoot(setBy) }];
}

/** A PHPRC that leads nowhere: a PHP that runs may have read what was there, and not its usual php.ini. */
function goneIni(
  tree: FileTree,
  { override, environment, ignoreFiles, setBy }: IniFilesOptions,
  { directives }: IniConfiguration,
): Warning[] {
  const named = environment?.get('PHPRC') ?? '';
  const isUsed = override === undefined && ignoreFiles !== true && named.startsWith('/');
  if (!isUsed || !directives.has('cfg_file_path')) return [];
  const place = tree.find(named);
  if (!(place instanceof Unreadable && place.isMissing)) return [];
  const message = `${printable(named)}, which PHPRC names, is not there: how long sessions live is not known`;
  return [{ message, hides: orRoot(setBy) }];
}

const noIni: IniConfiguration = {
  files: [],
  lookedAt: [],
  settings: new Map(),
  overrides: [],
  extensions: [],
  extensionDir: null,
  userIniFilename: null,
  userIniCacheTtl: null,
  directives: new Map(),
  warnings: [],
};

function iniOptions({ sapiName, searchDirs, scanPath, version }: Installation): IniFilesOptions {
  return {
    sapiName,
    searchDirs,
    scanPath,
    dialect: dialectOf(version),
  };
}

function valuesOf(settings: SessionSettings): unknown[] {
  return Array.from(settings, ([name, { value, setBy }]) => [name, value, setBy]);
}

function withMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
