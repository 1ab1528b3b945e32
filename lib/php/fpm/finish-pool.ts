/**
 * From the lines of a pool to what its processes will have: the rules that php-fpm applies once all
 * files are read (sapi/fpm/fpm/fpm_conf.c, fpm_conf_process_all_pools; fpm_unix.c; fpm_env.c).
 *
 * Invariant: a pool with mistakes comes out like any other, marked as broken.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { parseUid } from '../passwd.js';
import { bothSetters, orRoot, type Setter, type Setting } from '../provenance.js';
import { type SessionSettingName, sessionSettingNames } from '../usage.js';
import { expandChroot, expandPath } from './expand.js';
import type { FpmPool } from './pool.js';
import type { PoolDraft } from './pool-draft.js';
import type { Users } from './users.js';

export interface Surroundings {
  readonly tree: FileTree;
  /** php-fpm's own. */
  readonly prefix: ByteString;
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  /** Whether a variable that is not in `environment` is none; else it may be anything. */
  readonly isEnvironmentKnown: boolean;
  readonly users: Users;
}

export function finishPool(draft: PoolDraft, surroundings: Surroundings): FpmPool {
  for (const name of ['listen', 'pm']) {
    if ((draft.directive(name)?.value ?? '') === '') draft.refuse(`it has no ${name}`);
  }
  const { chroot, setBy: chrootSetBy } = chrootOf(draft, surroundings);
  const { settings, adminSettings } = settingsOf(draft, surroundings);
  const user = userOf(draft, surroundings.users, chrootSetBy);
  const chdir = chdirOf(draft, chroot, surroundings);
  return {
    name: draft.name,
    user,
    group: draft.directive('group')?.value ?? null,
    prefix: prefixOf(draft, surroundings),
    chroot,
    chrootSetBy,
    chdir,
    clearEnv: draft.directive('clear_env')?.value !== '',
    settings,
    adminSettings,
    source: draft.origin.source,
    isBroken: draft.isBroken,
    warnings: draft.warnings,
  };
}

/**
 * Whoever is not root can only say that a pool runs as themselves; the section and the chroot have a
 * say in it, as they decide what runs there.
 */
function userOf(draft: PoolDraft, users: Users, chrootSetBy: Setter): FpmPool['user'] {
  const user = namedUser(draft, users);
  const setting = draft.directive('user');
  if (user === null || setting === undefined) return null;
  const setBy = bothSetters(bothSetters(draft.origin.setBy, setting.setBy), chrootSetBy);
  if (setBy === 0 || setBy === user.uid) return user;
  const who = setBy === null ? 'someone other than root' : `uid ${setBy}, who is not root,`;
  draft.warn(
    `its user is not trusted: ${who} could have written its section, user or chroot`,
    setting.source,
  );
  return null;
}

function namedUser(draft: PoolDraft, users: Users): FpmPool['user'] {
  const user = draft.directive('user');
  if (user === undefined) {
    draft.warn('it names no user: php-fpm accepts that only if root did not start it');
    return null;
  }
  const isNumber = /^[0-9]+$/.test(user.value);
  const uid = isNumber ? parseUid(user.value) : users.uidOf(user.value);
  if (uid === undefined) {
    const reason = isNumber ? 'is not a uid' : 'is not in /etc/passwd';
    draft.refuse(`its user '${printable(user.value)}' ${reason}`, user.source);
    return null;
  }
  if (uid === 0) draft.warn('its user is root: php-fpm accepts that only with -R', user.source);
  const name = isNumber ? users.nameOf(uid) : user.value;
  return { uid, name: name === undefined ? null : printable(name) };
}

/** An empty prefix is one too: below it are absolute paths. */
function prefixOf(draft: PoolDraft, { prefix }: Surroundings): ByteString | null {
  const own = draft.directive('prefix')?.value;
  if (own === undefined) return null;
  return own === '' ? '' : expandPath(own, null, prefix);
}

function chrootOf(
  draft: PoolDraft,
  surroundings: Surroundings,
): { chroot: ByteString | null; setBy: Setter } {
  const poolPrefix = prefixOf(draft, surroundings);
  const prefix = draft.directive('prefix');
  if (poolPrefix !== null && poolPrefix !== '') {
    checkDirectory(draft, prefix, 'prefix', poolPrefix, surroundings.tree);
  }
  const chroot = draft.directive('chroot');
  if (chroot === undefined || chroot.value === '')
    return { chroot: null, setBy: orRoot(chroot?.setBy) };
  const path = expandChroot(chroot.value, poolPrefix, surroundings.prefix);
  if (path === undefined) {
    draft.refuse('$prefix must be at the beginning of chroot', chroot.source);
    return { chroot: null, setBy: chroot.setBy };
  }
  checkDirectory(draft, chroot, 'chroot', path, surroundings.tree);
  const hasPrefix = path !== chroot.value && prefix !== undefined;
  return { chroot: path, setBy: bothSetters(chroot.setBy, hasPrefix ? prefix.setBy : 0) };
}

function chdirOf(
  draft: PoolDraft,
  chroot: ByteString | null,
  surroundings: Surroundings,
): ByteString | null {
  const chdir = draft.directive('chdir');
  if (chdir === undefined || chdir.value === '') return null;
  const path = expandPath(chdir.value, prefixOf(draft, surroundings), surroundings.prefix);
  checkDirectory(draft, chdir, 'chdir', `${chroot ?? ''}${path}`, surroundings.tree);
  return path;
}

function checkDirectory(
  draft: PoolDraft,
  setting: Setting | undefined,
  what: string,
  path: ByteString,
  tree: FileTree,
): void {
  const place = tree.find(path);
  const isMissing = place instanceof Unreadable ? place.isMissing : !place.stat.isDirectory();
  if (isMissing) {
    draft.refuse(`its ${what} ${printable(path)} is not a directory`, setting?.source);
  }
}

function settingsOf(
  draft: PoolDraft,
  surroundings: Surroundings,
): Pick<FpmPool, 'settings' | 'adminSettings'> {
  const settings = new Map<SessionSettingName, Setting>();
  const adminSettings = new Set<SessionSettingName>();
  for (const name of sessionSettingNames) {
    if (name === 'TMPDIR') continue;
    const byAdmin = draft.element('php_admin_value', name);
    if (byAdmin !== undefined) adminSettings.add(name);
    const setting = byAdmin ?? draft.element('php_value', name);
    if (setting !== undefined) settings.set(name, setting);
  }
  const temporary = temporaryDirectoryOf(draft, surroundings);
  if (temporary !== undefined) settings.set('TMPDIR', temporary);
  return { settings, adminSettings };
}

/** `env[TMPDIR] = $NAME` takes over a variable of the master's; one that is not there is empty. */
function temporaryDirectoryOf(
  draft: PoolDraft,
  { environment, isEnvironmentKnown }: Surroundings,
): Setting | undefined {
  const setting = draft.element('env', 'TMPDIR');
  if (setting === undefined || !setting.value.startsWith('$')) return setting;
  const value = environment.get(setting.value.slice(1));
  if (value === undefined) {
    const name = printable(setting.value);
    draft.warn(
      `env[TMPDIR] is ${name}, which is unknown here; sescle treats it as empty`,
      setting.source,
      isEnvironmentKnown ? null : setting.setBy,
    );
  }
  return { ...setting, value: value ?? '' };
}
