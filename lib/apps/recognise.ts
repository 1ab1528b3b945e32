/**
 * Which application a directory is, and which one a directory of sessions belongs to.
 *
 * Invariant: an application is named only where a file of its own shows it; a directory of sessions is an
 * application's only where that application keeps its sessions there.
 */
import type { ByteString } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { join, tidyPath } from '../php/paths.js';
import type { Application, Framework, Said } from './application.js';
import { codeigniter } from './codeigniter.js';
import { drupal, drupalSites } from './drupal.js';
import { ApplicationFiles } from './files.js';
import { joomla } from './joomla.js';
import { laravel, laravelLifetime } from './laravel.js';
import { magento } from './magento.js';
import { moodle } from './moodle.js';
import { roundcube } from './roundcube.js';
import { symfony } from './symfony.js';

const recognisers = [laravel, symfony, codeigniter, magento, joomla, moodle, roundcube, drupal];

/** @param directory absolute, inside the tree; null: no application's */
export function applicationAt(directory: ByteString, tree: FileTree): Application | null {
  for (const recognise of recognisers) {
    const found = recognise(new ApplicationFiles(tree, directory));
    if (found !== null) return found;
  }
  return null;
}

/** All of a directory: an installation of Drupal's may hold several sites. */
export function applicationsAt(directory: ByteString, tree: FileTree): Application[] {
  const sites = drupalSites(new ApplicationFiles(tree, directory));
  const directories = sites.length === 0 ? [directory] : sites.map((site) => join(directory, site));
  return directories.flatMap((each) => applicationAt(each, tree) ?? []);
}

/** A session's directory lies a few levels below its application, as var/cache/prod/sessions does. */
const mostLevels = 5;

/** Where each framework keeps the files of its sessions unless it is told otherwise. */
const usualDirectories: Readonly<Partial<Record<Framework, RegExp>>> = {
  laravel: /^storage\/framework\/sessions$/,
  symfony: /^(?:var\/sessions(?:\/[A-Za-z0-9_]+)?|(?:var|app)\/cache\/[^/]+\/sessions)$/,
  codeigniter: /^writable\/session$/,
  magento: /^var\/session$/,
};

/**
 * The application that keeps its sessions in a directory.
 *
 * @param directory absolute, inside the tree, without links
 */
export function applicationOfSessions(directory: ByteString, tree: FileTree): Application | null {
  const wanted = tidyPath(directory);
  const parts = wanted.split('/').slice(1);
  for (let above = 0; above <= Math.min(mostLevels, parts.length - 1); above += 1) {
    const root = `/${parts.slice(0, parts.length - above).join('/')}`;
    const below = wanted.slice(root.length + 1);
    const application = applicationAt(root, tree) ?? deployedBeside(root, tree);
    if (application === null) continue;
    return keepsSessionsIn(application, below, wanted, tree) ? application : null;
  }
  return null;
}

/** Deployer and Capistrano keep sessions in shared/, and link them into the release that is current. */
function deployedBeside(root: ByteString, tree: FileTree): Application | null {
  return root.endsWith('/shared')
    ? applicationAt(`${root.slice(0, -'/shared'.length)}/current`, tree)
    : null;
}

function keepsSessionsIn(
  { store, framework, directory }: Application,
  below: ByteString,
  wanted: ByteString,
  tree: FileTree,
): boolean {
  if (store !== null && store.value.kind !== 'files') return false;
  const written = store?.value.kind === 'files' ? store.value.directory : null;
  if (written?.startsWith('/') !== true && usualDirectories[framework]?.test(below) !== true) {
    return false;
  }
  const path = written?.startsWith('/') === true ? written : join(directory, below);
  const place = tree.find(path);
  return (place instanceof Unreadable ? tidyPath(path) : place.path) === wanted;
}

/**
 * How long the sessions of a directory live, by the files of the application that keeps them there.
 *
 * @param isLaravels whether the sessions' names are Laravel's: then the directory's place is enough
 */
export function lifetimeOfSessions(
  directory: ByteString,
  tree: FileTree,
  isLaravels: boolean,
): Said<number> | null {
  const application = applicationOfSessions(directory, tree);
  if (application !== null || !isLaravels || !directory.endsWith(laravelSessions)) {
    return application?.lifetime ?? null;
  }
  const root = directory.slice(0, -laravelSessions.length);
  return laravelLifetime(new ApplicationFiles(tree, root));
}

const laravelSessions = '/storage/framework/sessions';
