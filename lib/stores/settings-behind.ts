/**
 * What the files that a store's settings were read from say of another setting: for people, and for
 * what nothing is removed by.
 *
 * Invariant: only files that discovery has read for this store are looked at.
 */
import { FileTree, Unreadable } from '../php/file-tree.js';
import { type WrittenSetting, writtenSettings } from '../php/written-setting.js';
import { mountsThatMayHang } from './silent-mounts.js';
import type { Store } from './store.js';

/** As `/etc/php.d/*.ini (23 files)`. */
const several = /^(.*)\/\*(\.[a-z]+) \(\d+ files?\)$/;

/** @param root what the files lie below; default: this machine's own */
export function settingsBehind(
  { restsOn, settings }: Store,
  name: string,
  root = '/',
): WrittenSetting[] {
  const tree = new FileTree(root, { silentMounts: mountsThatMayHang() });
  const sources = Object.values(settings).flatMap(
    ({ source }) => /^(\/.*):\d+$/.exec(source)?.[1] ?? [],
  );
  const files = restsOn.flatMap((read) => {
    const [, directory, ending] = several.exec(read) ?? [];
    if (directory === undefined || ending === undefined) return [read];
    const names = tree.list(directory);
    if (names instanceof Unreadable) return [];
    return names.filter((each) => each.endsWith(ending)).map((each) => `${directory}/${each}`);
  });
  return writtenSettings(name, [...files, ...sources], tree);
}

/** PHP's own default. */
const defaultBits = 4;

/**
 * `session.sid_bits_per_character` of those who keep sessions there: the most, since directories for 6
 * hold the sessions of 4 too.
 */
export function bitsPerCharacterOf(
  store: Store,
  root?: string,
): { readonly bits: 4 | 5 | 6; readonly source: string } {
  const written = settingsBehind(store, 'session.sid_bits_per_character', root);
  return written.reduce<{ bits: 4 | 5 | 6; source: string }>(
    (most, { value, source }) => {
      const bits = Number(value);
      return (bits === 5 || bits === 6) && bits > most.bits ? { bits, source } : most;
    },
    { bits: defaultBits, source: written[0]?.source ?? "PHP's default" },
  );
}
