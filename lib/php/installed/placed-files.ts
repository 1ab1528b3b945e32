/**
 * PHPs by nothing but their configuration: a php.ini, a php-fpm.conf or pools whose program is not there, or
 * does not tell.
 *
 * Invariant: files of one home are one PHP's. What only looks as if PHP read it is marked as a guess.
 */
import type { ByteString } from '../byte-string.js';
import type { FileTree } from '../file-tree.js';
import { isWithin } from '../paths.js';
import { nameOf } from '../processes/program.js';
import { type Installation, sapiNames } from './installation.js';
import { interpreterOf, isThere } from './known-programs.js';
import { directoryOf, homeOf, labelOf, sapiOfDirectory, versionOfPath } from './php-homes.js';
import type { PhpPlaces } from './php-places.js';

/** A php.ini that no program and no table knows of: one of each SAPI that could read it. */
export function ofIni(tree: FileTree, directory: ByteString, places: PhpPlaces): Installation[] {
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
export function ofOtherFpm(
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
