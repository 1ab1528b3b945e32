/**
 * What PHP makes of settings that .user.ini and .htaccess files change while it runs: each is asked
 * whether it takes the new value, one after the other, in the order of the file (ext/session/session.c,
 * OnUpdateSaveDir(), OnUpdateSaveHandler(); main/fopen_wrappers.c, OnUpdateBaseDir()).
 *
 * Invariant: the values that PHP ends with. Where only a running PHP can tell, every outcome is given.
 * What php.ini, a pool or a virtual host sets is never refused: PHP asks only at run time.
 */
import type { ByteString } from './byte-string.js';
import { type FileTree, Unreadable } from './file-tree.js';
import { isInOpenBasedir } from './open-basedir.js';
import { over, type Setting, type Warning } from './provenance.js';
import type { SessionSettingName, SessionSettings } from './usage.js';

export interface Change {
  readonly name: SessionSettingName;
  readonly setting: Setting;
  /** False: from a pool or a virtual host, which PHP does not question. */
  readonly isAtRunTime: boolean;
}

export interface Outcome {
  readonly settings: SessionSettings;
  /** What was refused, or may have been. */
  readonly warnings: readonly Warning[];
}

/** @param tree as PHP sees it, below its chroot */
export function outcomesOf(
  base: SessionSettings,
  changes: Iterable<Change>,
  tree: FileTree | null,
): Outcome[] {
  let outcomes: Outcome[] = [{ settings: base, warnings: [] }];
  for (const change of changes) {
    outcomes = outcomes.flatMap((outcome) => outcomesOfOne(outcome, change, tree));
  }
  return outcomes;
}

function outcomesOfOne(
  outcome: Outcome,
  { name, setting, isAtRunTime }: Change,
  tree: FileTree | null,
): Outcome[] {
  const { settings, warnings } = outcome;
  const taken = (): SessionSettings =>
    new Map(settings).set(name, over(settings.get(name), setting));
  const isRefused = isAtRunTime ? refuses(settings, name, setting.value, tree) : false;
  if (isRefused === false) return [{ settings: taken(), warnings }];
  const { source } = setting;
  const why =
    name === 'session.save_handler' ? 'PHP never reads it from a file' : 'of open_basedir';
  if (isRefused === true) {
    const message = `PHP refuses ${name} here: ${why}`;
    return [{ settings, warnings: [...warnings, { message, source }] }];
  }
  const message = `only a running PHP can tell whether it refuses ${name} here, because ${why}`;
  const told = [...warnings, { message, source }];
  return [
    { settings, warnings: told },
    { settings: taken(), warnings: told },
  ];
}

/** Null: only a running PHP can tell. */
function refuses(
  settings: SessionSettings,
  name: SessionSettingName,
  value: ByteString,
  tree: FileTree | null,
): boolean | null {
  const openBasedir = settings.get('open_basedir')?.value ?? '';
  const isOutside = (path: ByteString): boolean | null => {
    const isInside = tree === null ? null : isInOpenBasedir(tree, openBasedir, path);
    return isInside === null ? null : !isInside;
  };
  switch (name) {
    case 'session.save_handler':
      return value.toLowerCase() === 'user';
    case 'session.save_path': {
      if (value.includes('\0')) return true;
      const path = /^[^;]*;(?:[^;]*;)?([\s\S]*)$/.exec(value)?.[1] ?? value;
      return openBasedir === '' || path === '' ? false : isOutside(path);
    }
    case 'open_basedir': {
      if (openBasedir === '') return false;
      if (value === '') return true;
      const verdicts = value.split(':').map(isOutside);
      if (verdicts.includes(true)) return true;
      return verdicts.includes(null) ? null : false;
    }
    default:
      return false;
  }
}

/** The files as PHP sees them; null: its root directory cannot be found. */
export function treeBelow(tree: FileTree, chroot: ByteString | null): FileTree | null {
  if (chroot === null) return tree;
  const root = tree.find(chroot);
  return root instanceof Unreadable ? null : tree.below(root);
}
