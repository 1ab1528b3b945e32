/**
 * The PHP that there is in one tree, each with its php.ini, and which of them a program or a module is.
 *
 * Invariant: where no layout that is known fits, the answer has a doubt. The same PHP started in the
 * same way is read once.
 */
import { askCompiledIn, NotAsked } from '../../php/ask.js';
import type { ByteString } from '../../php/byte-string.js';
import { compiledInSettings } from '../../php/compiled-in.js';
import { Unreadable } from '../../php/file-tree.js';
import type { IniFilesOptions } from '../../php/ini/ini-files.js';
import { findInstallations } from '../../php/installations.js';

import { type Installation, sapiNames } from '../../php/installed/installation.js';
import { installationOfModule } from '../../php/installed/known-programs.js';
import type { Setter } from '../../php/provenance.js';
import { layered, type Sapi, type SessionSettings } from '../../php/usage.js';
import type { DiscoverySwitches } from '../config/configuration.js';
import { type Gathered, withMaps } from './gathered.js';
import {
  allDoubts,
  type ReadInstallation,
  readInstallation,
  unknownPhp,
} from './read-installation.js';
import type { TreeStarts } from './starts.js';
import { filesOf, withDoubts } from './usage-doubts.js';
import { maxStartsPerUser, type UserStarts } from './user-starts.js';

/** In files that a user put together. */
const maxInstallationsOfUser = 64;

export class InstalledPhp {
  readonly all: ReadInstallation[] = [];
  readonly #gathered: Gathered;
  readonly #switches: DiscoverySwitches;
  readonly #userStarts: UserStarts;
  readonly #starts: TreeStarts;
  readonly #started = new Map<string, ReadInstallation>();

  constructor(
    gathered: Gathered,
    switches: DiscoverySwitches,
    starts: TreeStarts,
    userStarts: UserStarts,
  ) {
    this.#gathered = gathered;
    this.#switches = switches;
    this.#starts = starts;
    this.#userStarts = userStarts;
  }

  /** Reads them, with the usages of those that have no configuration but php.ini. */
  async read(): Promise<void> {
    const { tree, warnings } = this.#gathered;
    const answers = new Map<ByteString, Promise<SessionSettings | null>>();
    const started = this.#starts.php.map(({ exe }) => exe);
    const { installations, isWhole } = findInstallations(tree, started);
    const { setBy } = tree;
    if (!isWhole) {
      const message = 'there are too many directories to look for PHP in all of them';
      warnings.push({ message, hides: setBy });
    }
    if (setBy !== 0 && installations.length > maxInstallationsOfUser) {
      installations.length = maxInstallationsOfUser;
      warnings.push({
        message: 'there are too many PHP installations to read them all',
        hides: setBy,
      });
    }
    for (const installation of installations) {
      const { interpreter } = installation;
      if (!answers.has(interpreter)) answers.set(interpreter, this.#ask(interpreter));
      const asked = await answers.get(interpreter);
      const defaults = layered(defaultsOf(installation), asked ?? new Map());
      this.all.push(this.#readOne(installation, defaults, {}));
    }
    if (this.#switches.ini) this.#addIniUsages();
  }

  /** The same PHP where it is started in another way. */
  startedWith(read: ReadInstallation, options: Partial<IniFilesOptions>): ReadInstallation {
    const { installation, defaults } = read;
    const key = JSON.stringify([installation, options], withMaps);
    const known = this.#started.get(key);
    if (known !== undefined) return { ...known, unknown: read.unknown };
    const { setBy = 0 } = options;
    if (!this.#userStarts.take(setBy)) {
      const message = `uid ${setBy} starts PHP in more than ${maxStartsPerUser} ways: the lifetime of its sessions is unknown`;
      return { ...read, doubts: [...read.doubts, { message, hides: setBy }] };
    }
    const started = this.#userStarts.spend(setBy, () =>
      this.#readOne(installation, defaults, options),
    );
    this.#started.set(key, started);
    return { ...started, unknown: read.unknown };
  }

  /** mod_php of a version is that version's; one without is the only PHP that there is. */
  ofModule(version: string | null, module: ByteString): ReadInstallation {
    const told = installationOfModule(this.#gathered.tree, module);
    if (told !== null) {
      const known = this.all.find(
        ({ installation }) =>
          installation.searchDirs.includes(told.searchDirs[0] ?? '') &&
          installation.scanPath === told.scanPath &&
          installation.version === told.version,
      );
      return known ?? this.#readOne(told, defaultsOf(told), {});
    }
    const fitting = this.all.filter(
      ({ installation }) => version === null || installation.version === version,
    );
    const own = nearest(fitting, 'apache2');
    const kinds = new Set(
      fitting.map(({ installation }) => `${installation.version} ${installation.interpreter}`),
    );
    if (own !== undefined && kinds.size === 1) return own;
    return unknownPhp(own, 'apache2', module, 0);
  }

  /** The PHP that a program belongs to; with a doubt where no layout that is known fits it. */
  ofProgram(
    program: { readonly exe: ByteString | null; readonly version: string | null },
    sapi: keyof typeof sapiNames,
    setBy: Setter,
  ): ReadInstallation {
    const { exe, version } = program;
    // What a program says of itself goes before what its place does.
    const byProgram = this.all.find(
      ({ installation: { programs = [], sapi: own } }) =>
        exe !== null && own === sapi && programs.includes(exe),
    );
    if (byProgram !== undefined) return byProgram;
    const ofVersion = this.all.filter(
      ({ installation }) =>
        version === null || installation.version === null || installation.version === version,
    );
    const fitting = exe === null ? ofVersion : closest(ofVersion, exe);
    const own = nearest(fitting, sapi);
    const interpreters = new Set(fitting.map(({ installation }) => installation.interpreter));
    const inis = new Set(
      fitting
        .filter(({ installation }) => installation.sapi === own?.installation.sapi)
        .map(({ installation }) => installation.searchDirs.join(':')),
    );
    const isOwn =
      own !== undefined &&
      interpreters.size === 1 &&
      inis.size === 1 &&
      isKnownIn(own.installation, sapi);
    if (own !== undefined && isOwn && own.installation.sapi === sapi) return own;
    const base = own ?? this.all[0];
    if (base === undefined || !isOwn) return unknownPhp(base, sapi, exe ?? sapi, setBy);
    return this.startedWith(base, { sapiName: sapiNames[sapi] });
  }

  #readOne(
    installation: Installation,
    defaults: SessionSettings,
    options: Partial<IniFilesOptions>,
  ): ReadInstallation {
    const read = readInstallation(this.#gathered.tree, installation, defaults, options);
    return { ...read, doubts: this.#gathered.tell(read.doubts) };
  }

  async #ask(interpreter: ByteString): Promise<SessionSettings | null> {
    const { tree, warnings } = this.#gathered;
    const isAsked = this.#switches.runPhp && tree.isHost;
    if (!isAsked || tree.find(interpreter) instanceof Unreadable) return null;
    const answer = await askCompiledIn(tree, interpreter);
    if (answer instanceof NotAsked) {
      warnings.push(answer.warning);
      return null;
    }
    this.#gathered.tell(answer.warnings);
    return answer.settings;
  }

  #addIniUsages(): void {
    for (const read of this.all) {
      const { installation, settings, ini } = read;
      // Pools and vhosts are usages of their own.
      if (installation.sapi === 'fpm' || installation.sapi === 'apache2') continue;
      const usage = {
        ...this.#gathered.usage(installation.label, installation.sapi, settings),
        readFrom: filesOf(ini),
      };
      this.#gathered.add([withDoubts(usage, allDoubts(read))], usage.sapi === 'cli' ? null : ini);
    }
  }
}

/** The PHP of that SAPI, or the command line's, which is installed with it. */
function nearest(fitting: readonly ReadInstallation[], sapi: Sapi): ReadInstallation | undefined {
  return (
    fitting.find(({ installation }) => installation.sapi === sapi) ??
    fitting.find(({ installation }) => installation.sapi === 'cli') ??
    fitting[0]
  );
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

/** Without any php.ini, by its packager and by its own programs. */
function defaultsOf({ packager, builtIn = new Map() }: Installation): SessionSettings {
  return layered(compiledInSettings(packager), builtIn);
}

/** FrankenPHP brings its own PHP; only its containers have it where the official ones have theirs. */
function isKnownIn({ interpreter }: Installation, sapi: Sapi): boolean {
  return sapi !== 'frankenphp' || interpreter === '/usr/local/bin/php';
}
