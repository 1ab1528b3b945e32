/**
 * PHP's programs, with what the text of each tells: which php.ini it reads, which directories it scans, where
 * its pools are, its defaults.
 *
 * Invariant: only the word of the user who put the tree together. What the text does not show is looked
 * for among what is there, and is null where that leaves a choice.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { join } from '../paths.js';
import { behindWrappers } from '../processes/made-wrapper.js';
import { nameOf } from '../processes/program.js';
import type { Setting } from '../provenance.js';
import type { SessionSettingName, SessionSettings } from '../usage.js';
import { type CompiledPaths, compiledPaths } from './compiled-paths.js';
import { type Installation, sapiNames } from './installation.js';
import { directoryOf, homeOf, labelOf, versionOfPath } from './php-homes.js';
import type { PhpPlaces } from './php-places.js';

type RunSapi = 'cli' | 'cgi' | 'fpm' | 'litespeed';

/** A program with what its own text tells. */
export interface KnownProgram {
  readonly exe: ByteString;
  readonly sapi: RunSapi;
  readonly paths: CompiledPaths;
  /** Null: not known. */
  readonly ini: ByteString | null;
  readonly scan: ByteString;
  readonly fpmFile: ByteString | null;
  /** Whether a wrapper names all the files that it reads. */
  readonly isWrapped: boolean;
}

export function knownProgram(
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
  const wrapped =
    wrapper?.environment.get('PHP_INI_SCAN_DIR') ?? wrapper?.defaults.get('PHP_INI_SCAN_DIR');
  const scan =
    wrapped ??
    paths.scanPath ??
    scanDirectories.filter((directory) => paths.mentions(directory)).join(':');
  const fpmFile = fpmFileOf(paths, ini, fpmFiles);
  return [{ exe: program, sapi, paths, ini, scan, fpmFile, isWrapped: holdsIni(tree, wrapped) }];
}

function holdsIni(tree: FileTree, scanPath: ByteString | undefined): boolean {
  const directories = scanPath?.split(':').filter((directory) => directory !== '') ?? [];
  return directories.some((directory) => {
    const names = tree.list(directory);
    return !(names instanceof Unreadable) && names.some((name) => name.endsWith('.ini'));
  });
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

/** Whether two programs read the same, and have the same defaults. */
export function isAlike(a: KnownProgram, b: KnownProgram): boolean {
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

export type Alike = readonly [KnownProgram, ...KnownProgram[]];

/** One PHP may have several programs, as a copy below cgi-bin. */
export function alike(programs: readonly KnownProgram[]): Alike[] {
  const groups: [KnownProgram, ...KnownProgram[]][] = [];
  for (const program of programs) {
    const group = program.ini === null ? undefined : groups.find(([one]) => isAlike(one, program));
    if (group === undefined) groups.push([program]);
    else group.push(program);
  }
  return groups;
}

/** @param isIniOptional whether a PHP in this place usually has no php.ini */
export function ofProgram(tree: FileTree, group: Alike, isIniOptional: boolean): Installation {
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
    ...(isIniOptional || program.isWrapped ? { isIniOptional: true as const } : {}),
    ...(ini === null ? { isIniUnknown: true as const } : {}),
  };
}

export function defaultsOf({
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

/** The command line's program of the same PHP, there or not. */
export function interpreterOf(tree: FileTree, home: ByteString): ByteString {
  if (home === '/' || home.startsWith('/etc')) return '/usr/bin/php';
  const candidates = ['bin/php', 'usr/bin/php', 'root/usr/bin/php'].map((rest) => join(home, rest));
  return candidates.find((path) => isThere(tree, path)) ?? join(home, 'bin/php');
}

export function isThere(tree: FileTree, path: ByteString): boolean {
  return !(tree.find(path) instanceof Unreadable);
}
