/**
 * The PHPs of a tree by what is there: programs with what they were built with, and configuration in the
 * usual places whose program is not there or does not tell.
 *
 * Invariant: what a program of root's says of itself goes before any table and any guess. What was seen and
 * not understood is an installation too, which says so.
 */
import type { ByteString } from '../byte-string.js';
import { compiledInSettings } from '../compiled-in.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { nameOf } from '../processes/program.js';
import type { Installation } from './installation.js';
import {
  alike,
  defaultsOf,
  isAlike,
  isThere,
  type KnownProgram,
  knownProgram,
  ofProgram,
} from './known-programs.js';
import { packagedPhpFiles } from './package-files.js';
import { directoryOf } from './php-homes.js';
import { kindOfName, type PhpPlaces, phpPlaces } from './php-places.js';
import { ofIni, ofOtherFpm } from './placed-files.js';

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
    .map((row) => asProgramSays(tree, row, programs));
  const ofPrograms = alike(
    programs.filter(({ exe }) => !corrected.some((row) => row.programs?.includes(exe))),
  ).map((group) => {
    const [{ ini }] = group;
    const beside = table.filter(({ searchDirs }) => ini !== null && searchDirs.includes(ini));
    return ofProgram(
      tree,
      group,
      beside.some((row) => row.isIniOptional === true),
    );
  });
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
function asProgramSays(
  tree: FileTree,
  row: Installation,
  programs: readonly KnownProgram[],
): Installation {
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
    // DirectAdmin's has the version in its name.
    interpreter: row.sapi === 'cli' && !isThere(tree, row.interpreter) ? own.exe : row.interpreter,
    programs: [own, ...others.filter((other) => isAlike(own, other))].map(({ exe }) => exe),
    builtIn: new Map(
      [...defaultsOf(own)].filter(([name, { value }]) => usual.get(name)?.value !== value),
    ),
  };
}
