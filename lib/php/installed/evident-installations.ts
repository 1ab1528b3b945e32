/**
 * The PHPs of a tree by what is there: programs with what they were built with, and configuration in the
 * usual places whose program is not there or does not tell.
 *
 * Invariant: what a program of root's says of itself goes before any table and any guess. Where several
 * readings are possible, all of them are installations, and the longest lifetime of them wins. What was
 * seen and not understood is an installation that nobody knows the php.ini of.
 */
import { type ByteString, printable } from '../byte-string.js';
import { compiledInSettings } from '../compiled-in.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { isWithin, join } from '../paths.js';
import { behindWrappers } from '../processes/made-wrapper.js';
import { nameOf } from '../processes/program.js';
import type { Setting } from '../provenance.js';
import type { SessionSettingName, SessionSettings } from '../usage.js';
import { type CompiledPaths, compiledPaths } from './compiled-paths.js';
import { type Installation, sapiNames } from './installation.js';
import { packagedPhpFiles } from './package-files.js';
import { directoryOf, homeOf, labelOf, sapiOfDirectory, versionOfPath } from './php-homes.js';
import { kindOfName, type PhpPlaces, phpPlaces } from './php-places.js';

type RunSapi = 'cli' | 'cgi' | 'fpm' | 'litespeed';

/** A program with what its own text tells. */
interface KnownProgram {
  readonly exe: ByteString;
  readonly sapi: RunSapi;
  readonly paths: CompiledPaths;
  /** Null: not known. */
  readonly ini: ByteString | null;
  readonly scan: ByteString;
  readonly fpmFile: ByteString | null;
}

export interface Evidence {
  readonly installations: Installation[];
  /** Whether all usual places were looked through. */
  readonly isWhole: boolean;
}

/**
 * @param table what a table of layouts has found; a program that says otherwise puts it right
 * @param started programs that services start, wherever they lie
 */
export function withEvidence(
  tree: FileTree,
  table: readonly Installation[],
  started: readonly ByteString[],
): Evidence {
  const places = phpPlaces(tree);
  for (const path of packagedPhpFiles(tree)) addPackaged(tree, places, path);
  for (const exe of started) addProgram(tree, places, exe);
  const iniDirectories = [
    ...new Set([...table.flatMap(({ searchDirs }) => searchDirs), ...places.inis]),
  ];
  const programs = [...places.programs.keys()].flatMap((exe) =>
    knownProgram(tree, exe, places, iniDirectories),
  );
  const wrong = table.filter((row) => isContradicted(tree, row, programs));
  const corrected = table
    .filter((row) => !wrong.includes(row))
    .map((row) => asProgramSays(row, programs));
  const ofPrograms = alike(
    programs.filter(({ exe }) => !corrected.some((row) => row.programs?.includes(exe))),
  ).map((group) => ofProgram(tree, group));
  const known = [...corrected, ...ofPrograms];
  const guessed = places.inis
    .filter((directory) => ![...known, ...wrong].some((one) => one.searchDirs.includes(directory)))
    .flatMap((directory) => ofIni(tree, directory, places));
  const all = [...known, ...guessed];
  return {
    installations: [...all, ...ofOtherFpm(tree, places, all)],
    isWhole: places.isWhole,
  };
}

function addPackaged(tree: FileTree, places: PhpPlaces, path: ByteString): void {
  const place = tree.find(path);
  if (place instanceof Unreadable || !place.stat.isFile()) return;
  const kind = kindOfName(nameOf(path));
  const list = kind === 'ini' ? places.inis : places.fpmFiles;
  const entry = kind === 'ini' ? directoryOf(path) : path;
  if (kind === 'program') addProgram(tree, places, path);
  else if (!list.includes(entry)) list.push(entry);
}

function addProgram(tree: FileTree, { programs }: PhpPlaces, path: ByteString): void {
  const place = tree.find(path);
  if (!(place instanceof Unreadable) && !programs.has(place.path)) programs.set(place.path, path);
}

function knownProgram(
  tree: FileTree,
  exe: ByteString,
  { scanDirectories, fpmFiles }: PhpPlaces,
  iniDirectories: readonly ByteString[],
): KnownProgram[] {
  const wrapper = behindWrappers(tree, exe);
  const inner = wrapper === null ? undefined : tree.find(wrapper.target);
  const program = inner !== undefined && 'path' in inner ? inner.path : exe;
  const paths = compiledPaths(tree, program);
  if (paths === null || paths.sapi === 'apache2') return [];
  const { sapi } = paths;
  const mentioned = iniDirectories.filter((directory) => paths.mentions(directory));
  // The same text as another of the program's stands only once in it.
  const ini = paths.iniPath ?? (mentioned.length === 1 ? (mentioned[0] ?? null) : null);
  const scan =
    wrapper?.environment.get('PHP_INI_SCAN_DIR') ??
    wrapper?.defaults.get('PHP_INI_SCAN_DIR') ??
    paths.scanPath ??
    scanDirectories.filter((directory) => paths.mentions(directory)).join(':');
  return [{ exe: program, sapi, paths, ini, scan, fpmFile: fpmFileOf(paths, ini, fpmFiles) }];
}

function fpmFileOf(
  { sysconfDirectory, fpmName, version, mentions }: CompiledPaths,
  ini: ByteString | null,
  fpmFiles: readonly ByteString[],
): ByteString | null {
  if (sysconfDirectory !== null) return join(sysconfDirectory, fpmName(version));
  const mentioned = fpmFiles.filter((file) => mentions(directoryOf(file)));
  if (mentioned.length === 1) return mentioned[0] ?? null;
  return ini === null ? null : join(ini, fpmName(version));
}

/** A row of the table whose own programs all look elsewhere, so that nothing reads what it names. */
function isContradicted(
  tree: FileTree,
  { sapi, interpreter, searchDirs, fpmFile }: Installation,
  programs: readonly KnownProgram[],
): boolean {
  const place = tree.find(interpreter);
  const command = 'path' in place ? place.path : null;
  const own = programs.filter((program) =>
    sapi === 'fpm' ? program.fpmFile === fpmFile : program.exe === command,
  );
  const isSure = own.length > 0 && own.every((one) => one.sapi === sapi && one.ini !== null);
  return isSure && own.every(({ ini }) => ini !== null && !searchDirs.includes(ini));
}

/** The row with its programs' own scan directories and defaults. */
function asProgramSays(row: Installation, programs: readonly KnownProgram[]): Installation {
  const [own, ...others] = programs.filter(
    ({ sapi, ini, fpmFile }) =>
      sapi === row.sapi &&
      ini !== null &&
      row.searchDirs.includes(ini) &&
      (sapi !== 'fpm' || fpmFile === row.fpmFile),
  );
  if (own === undefined) return row;
  const usual = compiledInSettings(row.packager);
  return {
    ...row,
    version: row.version ?? own.paths.version,
    scanPath: own.scan,
    programs: [own, ...others.filter((other) => isAlike(own, other))].map(({ exe }) => exe),
    builtIn: new Map(
      [...defaultsOf(own)].filter(([name, { value }]) => usual.get(name)?.value !== value),
    ),
  };
}

/** Whether two programs read the same, and have the same defaults. */
function isAlike(a: KnownProgram, b: KnownProgram): boolean {
  return (
    a.sapi === b.sapi &&
    a.ini === b.ini &&
    a.scan === b.scan &&
    a.fpmFile === b.fpmFile &&
    a.paths.version === b.paths.version &&
    a.paths.savePath === b.paths.savePath &&
    a.paths.lifetime === b.paths.lifetime
  );
}

type Alike = readonly [KnownProgram, ...KnownProgram[]];

/** One PHP may have several programs, as a copy below cgi-bin. */
function alike(programs: readonly KnownProgram[]): Alike[] {
  const groups: [KnownProgram, ...KnownProgram[]][] = [];
  for (const program of programs) {
    const group = program.ini === null ? undefined : groups.find(([one]) => isAlike(one, program));
    if (group === undefined) groups.push([program]);
    else group.push(program);
  }
  return groups;
}

function ofProgram(tree: FileTree, group: Alike): Installation {
  const [program] = group;
  const { exe, sapi, paths, ini, scan, fpmFile } = program;
  const home = homeOf(directoryOf(exe));
  const beside = directoryOf(exe);
  const hasOwn = !(tree.find(join(beside, 'php.ini')) instanceof Unreadable);
  return {
    label: labelOf(home, nameOf(exe), sapi),
    sapi,
    sapiName: sapiNames[sapi],
    version: paths.version ?? versionOfPath(exe),
    // main/php_ini.c looks beside the program first.
    searchDirs: ini === null ? [] : hasOwn ? [beside, ini] : [ini],
    scanPath: ini === null ? '' : scan,
    fpmFile: sapi === 'fpm' && fpmFile !== null && isThere(tree, fpmFile) ? fpmFile : null,
    interpreter: sapi === 'cli' ? exe : interpreterOf(tree, home),
    packager: 'upstream',
    builtIn: defaultsOf(program),
    programs: group.map((one) => one.exe),
    ...(ini === null ? { isIniUnknown: true as const } : {}),
  };
}

function defaultsOf({
  exe,
  paths: { savePath, lifetime },
}: Pick<KnownProgram, 'exe' | 'paths'>): SessionSettings {
  const settings = new Map<SessionSettingName, Setting>();
  const add = (name: SessionSettingName, value: ByteString | null) => {
    const source = { kind: 'default', of: printable(exe) } as const;
    if (value !== null) settings.set(name, { value, source, setBy: 0 });
  };
  add('session.save_path', savePath === '' ? null : savePath);
  add('session.gc_maxlifetime', lifetime === usualLifetime ? null : lifetime);
  return settings;
}

const usualLifetime = '1440';

/** The command line's program of the same PHP, there or not. */
function interpreterOf(tree: FileTree, home: ByteString): ByteString {
  if (home === '/' || home.startsWith('/etc')) return '/usr/bin/php';
  const candidates = ['bin/php', 'usr/bin/php', 'root/usr/bin/php'].map((rest) => join(home, rest));
  return candidates.find((path) => isThere(tree, path)) ?? join(home, 'bin/php');
}

function isThere(tree: FileTree, path: ByteString): boolean {
  return !(tree.find(path) instanceof Unreadable);
}

/** The PHP of a module of Apache's, where that tells; null: it does not. */
export function installationOfModule(tree: FileTree, module: ByteString): Installation | null {
  const paths = compiledPaths(tree, module);
  if (paths?.sapi !== 'apache2' || paths.iniPath === null) return null;
  const { version, iniPath } = paths;
  const scanPath = paths.scanPath ?? '';
  const home = homeOf(directoryOf(module));
  return {
    label: `${version === null ? 'php' : `php${version}`}-apache2`,
    sapi: 'apache2',
    sapiName: sapiNames.apache2,
    version,
    searchDirs: [iniPath],
    scanPath,
    fpmFile: null,
    interpreter: interpreterOf(tree, home),
    packager: 'upstream',
    builtIn: defaultsOf({ exe: module, paths }),
    programs: [module],
  };
}

/** A php.ini that no program and no table knows of: one of each SAPI that could read it. */
function ofIni(tree: FileTree, directory: ByteString, places: PhpPlaces): Installation[] {
  const home = homeOf(directory);
  const own = sapiOfDirectory(nameOf(directory));
  const scanPath = scanPathNear(directory, places);
  const fpmFile = fpmFileBeside(directory, places);
  const sapis: Exclude<Installation['sapi'], 'configuration'>[] =
    own === null ? (fpmFile === null ? ['cli'] : ['cli', 'fpm']) : [own];
  return sapis.map(
    (sapi): Installation => ({
      label: labelOf(home, nameOf(directory), sapi),
      sapi,
      sapiName: sapiNames[sapi],
      version: versionOfPath(directory),
      searchDirs: [directory],
      scanPath,
      isScanGuessed: scanPath !== '',
      fpmFile: sapi === 'fpm' ? fpmFile : null,
      interpreter: interpreterOf(tree, home),
      packager: 'upstream',
    }),
  );
}

/** What is scanned by the look of it. */
function scanPathNear(directory: ByteString, { scanDirectories }: PhpPlaces): ByteString {
  const home = homeOf(directory);
  return scanDirectories
    .filter((scan) => {
      const parent = directoryOf(scan);
      return parent === directory || (homeOf(parent) === home && isWithin(directory, parent));
    })
    .join(':');
}

function fpmFileBeside(directory: ByteString, { fpmFiles }: PhpPlaces): ByteString | null {
  const home = homeOf(directory);
  return (
    fpmFiles.find((file) => directoryOf(file) === directory) ??
    fpmFiles.find((file) => homeOf(directoryOf(file)) === home) ??
    null
  );
}

/** php-fpm.conf files, and directories of pools, that belong to none of those that are known. */
function ofOtherFpm(
  tree: FileTree,
  places: PhpPlaces,
  known: readonly Installation[],
): Installation[] {
  const files = places.fpmFiles.filter((file) => !known.some(({ fpmFile }) => fpmFile === file));
  const pools = places.poolDirectories.filter((directory) => {
    const home = homeOf(directoryOf(directory));
    const isOf = (file: ByteString | null) =>
      file !== null && homeOf(directoryOf(file)) === home && isThere(tree, file);
    return !known.some(({ fpmFile }) => isOf(fpmFile)) && !files.some(isOf);
  });
  return [
    ...files.map((fpmFile) => ({ ...ofHome(tree, directoryOf(fpmFile), known), fpmFile })),
    ...pools.map((poolDirectory) => ({
      ...ofHome(tree, directoryOf(poolDirectory), known),
      fpmFile: null,
      poolDirectory,
    })),
  ];
}

/** FPM of the PHP that has its files in the same place; of none that is known, without a php.ini. */
function ofHome(
  tree: FileTree,
  directory: ByteString,
  known: readonly Installation[],
): Installation {
  const home = homeOf(directory);
  const near = known.filter(
    ({ searchDirs, interpreter }) =>
      searchDirs.some((one) => homeOf(one) === home) || homeOf(directoryOf(interpreter)) === home,
  );
  const own =
    near.find(({ searchDirs }) => searchDirs.includes(directory)) ??
    near.find(({ sapi }) => sapi === 'fpm') ??
    near.find(({ sapi }) => sapi === 'cli') ??
    near[0];
  const fpm = { sapi: 'fpm', sapiName: sapiNames.fpm } as const;
  const label = labelOf(home, nameOf(directory), 'fpm');
  if (own !== undefined) {
    const { programs: _, ...rest } = own;
    return { ...rest, ...fpm, label };
  }
  return {
    ...fpm,
    label,
    version: versionOfPath(directory),
    searchDirs: [directory],
    scanPath: '',
    fpmFile: null,
    interpreter: interpreterOf(tree, home),
    packager: 'upstream',
  };
}
