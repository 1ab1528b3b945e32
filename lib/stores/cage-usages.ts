/**
 * PHP of users that CloudLinux's CageFS shuts in: what is /tmp to them, and whatever else
 * /etc/cagefs/cagefs.mp says is each user's own, lies below .cagefs in their homes; their /etc, with the
 * PHP Selector's settings, below /var/cagefs (CloudLinux's documentation, "CageFS").
 *
 * Invariant: a user has a cage where .cagefs is there. What a user has set there is no more than that
 * user's word; a directory that is not there is no store.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import { temporaryDirectory } from '../php/compiled-in.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { passwdEntries } from '../php/passwd.js';
import { isWithin, join } from '../php/paths.js';
import type { Setting } from '../php/provenance.js';
import type { SessionSettings, Usage } from '../php/usage.js';
import { allDoubts, type ReadInstallation } from './tree/read-installation.js';
import { filesOf } from './tree/usage-doubts.js';
import type { TreeReader } from './tree-usages.js';

interface Cage {
  readonly user: ByteString;
  readonly uid: number;
  /** Where what is the user's own lies. */
  readonly directory: ByteString;
}

const maxCages = 20_000;
const maxTableBytes = 1024 * 1024;
const maxSelections = 5_000;

export function addCages(reader: TreeReader, tree: FileTree): void {
  const privateDirectories = privateDirectoriesOf(tree);
  if (privateDirectories === null) return;
  const known = [...reader.usages];
  const selectors = new Selectors(reader, tree);
  for (const cage of cagesOf(tree)) {
    const add = (usage: Usage): void => {
      const moved = inCage(tree, usage, cage, privateDirectories);
      if (moved !== null) reader.usages.push(moved);
    };
    for (const usage of known) if (usage.runsAs?.uid === cage.uid) add(usage);
    for (const read of reader.installations) {
      const { sapi, label } = read.installation;
      if (sapi === 'fpm' || sapi === 'apache2') continue;
      const own = selectors.of(read, cage);
      add({
        // What has the command line's php.ini answers requests as well, and heeds .user.ini files then.
        ...reader.usage(label, sapi === 'cli' ? 'cgi' : sapi, own.settings),
        warnings: allDoubts(own),
        readFrom: filesOf(own.ini),
      });
    }
  }
}

/** @returns null where there is no CageFS */
function privateDirectoriesOf(tree: FileTree): ByteString[] | null {
  const table = tree.read('/etc/cagefs/cagefs.mp', maxTableBytes);
  const isThere = !(tree.find('/var/cagefs') instanceof Unreadable);
  if (table instanceof Unreadable && !isThere) return null;
  const text = table instanceof Unreadable || table.setBy !== tree.setBy ? '' : table.text;
  // `@/full/path,mode`
  return ['/tmp', ...Array.from(text.matchAll(/^@(\/[^,\n]*)/gm), ([, path = '']) => path.trim())];
}

function cagesOf(tree: FileTree): Cage[] {
  const passwd = tree.read('/etc/passwd');
  if (passwd instanceof Unreadable) return [];
  return passwdEntries(passwd.text)
    .slice(0, maxCages)
    .flatMap(({ name, uid, home }): Cage[] => {
      if (uid === undefined || uid === 0 || !home.startsWith('/')) return [];
      const directory = join(home, '.cagefs');
      const place = tree.find(directory);
      const isOne = !(place instanceof Unreadable) && place.stat.isDirectory();
      return isOne ? [{ user: name, uid, directory }] : [];
    });
}

/** CloudLinux's own PHPs read what the user has chosen; the paths are those that they see in the cage. */
class Selectors {
  readonly #reader: TreeReader;
  readonly #tree: FileTree;
  #left = maxSelections;

  constructor(reader: TreeReader, tree: FileTree) {
    this.#reader = reader;
    this.#tree = tree;
  }

  of(read: ReadInstallation, { user, uid }: Cage): ReadInstallation {
    const version = /^\/opt\/alt\/php(\d+)\//.exec(read.installation.searchDirs[0] ?? '')?.[1];
    if (version === undefined) return read;
    const prefix = String(uid % 100).padStart(2, '0');
    const own = `/var/cagefs/${prefix}/${user}/etc/cl.php.d/alt-php${version}`;
    if (!this.#speaksOfSessions(own)) return read;
    this.#left -= 1;
    if (this.#left < 0) {
      const message = `there are more than ${maxSelections} settings of users in cages: this one is not read`;
      return { ...read, doubts: [...read.doubts, { message, hides: uid }] };
    }
    // Outside, the first of them leads to the same directory of everybody's.
    const scanPath = [own, ...read.installation.scanPath.split(':').slice(1)].join(':');
    return this.#reader.startedWith(read, { scanPath });
  }

  /** Most hold extensions alone. What cannot be read, or is no plain setting, may say anything. */
  #speaksOfSessions(directory: ByteString): boolean {
    const names = this.#tree.list(directory);
    if (names instanceof Unreadable) return !names.isClosedToAll;
    return names.some((name) => {
      const file = name.endsWith('.ini') ? this.#tree.read(join(directory, name)) : null;
      if (file === null) return false;
      if (file instanceof Unreadable) return !file.isClosedToAll;
      return file.text.split('\n').some((line) => aboutSessions.test(line) || !plain.test(line));
    });
  }
}

/** A comment, a section, a setting on one line. */
const plain = /^\s*(?:;.*|\[[^\]]*\]\s*|[\w.-]+\s*=\s*(?:[^"';\s][^"';]*|"[^"]*")?\s*(?:;.*)?)?$/;
const aboutSessions = /session|sys_temp_dir|open_basedir|user_ini/;

/** The usage with the directory that it has in truth; null where it is not the user's own, or not there. */
function inCage(
  tree: FileTree,
  usage: Usage,
  { user, uid, directory }: Cage,
  privateDirectories: readonly ByteString[],
): Usage | null {
  const setting = savePathOf(usage.settings);
  const [, levels = '', path = ''] = /^((?:[^;]*;){0,2})(\/.*)$/s.exec(setting.value) ?? [];
  const isAlt = /^\/opt\/alt\/php\d+\/var\/lib\/php\/session$/.test(path);
  const isPrivate = isAlt || privateDirectories.some((one) => isWithin(path, one));
  const isOwn = setting.setBy !== 0;
  if (path === '' || (!isPrivate && !isOwn)) return null;
  const moved = isPrivate ? join(directory, path) : path;
  if (tree.find(moved) instanceof Unreadable) return null;
  return {
    ...usage,
    label: `${usage.label} in the cage of ${printable(user)}`,
    runsAs: { uid, name: printable(user) },
    settings: new Map([
      ...usage.settings,
      ['session.save_path', { ...setting, value: `${levels}${moved}` }],
    ]),
  };
}

function savePathOf(settings: SessionSettings): Setting {
  const setting = settings.get('session.save_path');
  return setting === undefined || setting.value === '' ? temporaryDirectory(settings) : setting;
}
