/**
 * Drupal: settings.php of a site, services.yml beside it, and core's own where that says nothing. An
 * installation can hold several sites, each with a directory below sites/; an application is one of them.
 *
 * Invariant: settings.local.php is read where settings.php says to; any other file that it runs may set
 * another database, so that there is a doubt.
 */

import { Unreadable } from '../php/file-tree.js';
import { absolutePath } from '../php/paths.js';
import type { Setter } from '../php/provenance.js';
import type { Application, Said, SessionStore } from './application.js';
import { ApplicationFiles, decoded, type SpokenPhp, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { at, type PhpValue, textOf } from './php/values.js';
import { phpConnection } from './php-connection.js';
import { readYaml } from './yaml.js';

/** The directories of the sites of an installation. */
export function drupalSites(files: ApplicationFiles): string[] {
  if (!isInstallation(files)) return [];
  const names = files.tree.list(files.path('sites'));
  if (names instanceof Unreadable) return [];
  return names
    .filter((name) => files.has(`sites/${name}/settings.php`))
    .map((name) => `sites/${name}`);
}

function isInstallation(files: ApplicationFiles): boolean {
  return (
    files.has('core/lib/Drupal.php') ||
    (files.has('includes/bootstrap.inc') && files.has('misc/drupal.js'))
  );
}

/** @param files of the site's directory, or of the installation's, which stands for its default site */
export function drupal(files: ApplicationFiles): Application | null {
  if (isInstallation(files)) {
    return drupal(new ApplicationFiles(files.tree, files.path('sites/default')));
  }
  if (!files.has('settings.php')) return null;
  const root = new ApplicationFiles(files.tree, absolutePath(files.directory, '../..'));
  if (!isInstallation(root)) return null;
  const isSeven = !root.has('core/lib/Drupal.php');
  const settings = settingsOf(files, root);
  return {
    framework: 'drupal',
    directory: files.directory,
    evidence: root.path(isSeven ? 'includes/bootstrap.inc' : 'core/lib/Drupal.php'),
    store: settings === null ? null : storeOf(settings, files, isSeven ? 'drupal7' : 'drupal'),
    lifetime: isSeven ? fromIni(settings, files) : fromServices(files, root),
    doubts: files.doubts,
  };
}

interface Settings extends SpokenPhp {
  readonly local: SpokenPhp | null;
  readonly setBy: Setter;
}

function settingsOf(files: ApplicationFiles, root: ApplicationFiles): Settings | null {
  const variables = new Map<string, PhpValue>([
    ['app_root', { kind: 'string', value: root.directory, line: 0 }],
    [
      'site_path',
      { kind: 'string', value: files.directory.slice(root.directory.length + 1), line: 0 },
    ],
  ]);
  const main = files.php('settings.php', { variables });
  if (main === null) return null;
  const localPath = files.path('settings.local.php');
  const ran = main.code.includes.map((value) => textOf(value));
  const runsLocal = ran.includes(localPath);
  const local = runsLocal
    ? files.php('settings.local.php', { variables: main.code.variables })
    : null;
  for (const [index, path] of ran.entries()) {
    if (path === localPath) continue;
    const line = main.code.includes[index]?.line ?? 0;
    const text = path === undefined ? 'another file' : decoded(path);
    // A file that is not there changes nothing; settings.php looks first.
    if (path !== undefined && files.tree.find(path) instanceof Unreadable) continue;
    files.doubt({ kind: 'file', file: main.file.path, line }, `runs ${text}, which is not read`);
  }
  return { ...main, local, setBy: main.file.setBy };
}

function storeOf(settings: Settings, files: ApplicationFiles, profile: string): Said<SessionStore> {
  const { code, file } = settings.local ?? settings;
  const entry = at(code.variables.get('databases'), 'default', 'default');
  const line = entry?.line ?? 0;
  const prefix = at(entry, 'prefix');
  const prefixText =
    textOf(at(prefix, 'sessions')) ?? textOf(at(prefix, 'default')) ?? textOf(prefix) ?? '';
  const database = textOf(at(entry, 'database'));
  const connection = phpConnection(
    files,
    { kind: 'file', file: file.path, line },
    {
      driver: at(entry, 'driver'),
      host: at(entry, 'host'),
      port: at(entry, 'port'),
      socket: at(entry, 'unix_socket'),
      user: at(entry, 'username'),
      password: at(entry, 'password'),
      database: at(entry, 'database'),
    },
    { database: databaseOf(database, files) },
  );
  return said(
    {
      kind: 'table',
      table: { profile, table: decoded(`${prefixText}sessions`), columns: {}, connection },
    },
    file,
    line,
  );
}

/** SQLite's file may be below the installation. */
function databaseOf(database: string | undefined, files: ApplicationFiles): string | undefined {
  return database?.includes('/') === true
    ? absolutePath(absolutePath(files.directory, '../..'), database)
    : database;
}

/** Drupal 7 sets PHP's own. */
function fromIni(settings: Settings | null, files: ApplicationFiles): Said<number> | null {
  if (settings === null) return null;
  const { local } = settings;
  const name = 'session.gc_maxlifetime';
  const { code, file } = local?.code.iniSettings.has(name) === true ? local : settings;
  const value = code.iniSettings.get(name) ?? null;
  const isHidden = [settings, local].some((each) => each?.code.hidesIniSettings === true);
  const seconds = isHidden ? undefined : wholeSeconds(value, 1);
  if (seconds !== undefined && value !== null) return said(seconds, file, value.line);
  if (value !== null || isHidden) {
    files.doubt(
      { kind: 'file', file: file.path, line: value?.line ?? 0 },
      'session.gc_maxlifetime is not a whole number of seconds',
    );
  }
  return null;
}

/** Drupal 8 and later: of the site, else of core. */
function fromServices(files: ApplicationFiles, root: ApplicationFiles): Said<number> | null {
  for (const [from, name] of [
    [files, 'services.yml'],
    [root, 'core/core.services.yml'],
  ] as const) {
    const file = from.text(name);
    const value = file === null ? null : at(readYaml(file.text), ...lifetimePath);
    if (file === null || value === null) continue;
    const seconds = wholeSeconds(value, 1);
    if (seconds !== undefined) return said(seconds, file, value.line);
    files.doubt(
      { kind: 'file', file: file.path, line: value.line },
      'gc_maxlifetime is not a whole number',
    );
    return null;
  }
  return null;
}

const lifetimePath = ['parameters', 'session.storage.options', 'gc_maxlifetime'];
