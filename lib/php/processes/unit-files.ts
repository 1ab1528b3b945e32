/**
 * The settings of a systemd unit: its own file, and what is dropped in beside it (systemd.unit(5)).
 *
 * Invariant: a file that is there and cannot be read makes the unit unreadable; nothing is told of a
 * part of it.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, type Setter } from '../provenance.js';

/** The first has precedence. */
export const unitDirectories: readonly ByteString[] = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
];

const maxUnitBytes = 1024 * 1024;

export interface UnitSettings {
  /** Those of `[Service]`, in the order in which they hold. */
  readonly entries: readonly (readonly [key: ByteString, value: ByteString])[];
  readonly setBy: Setter;
}

export function unitSettings(tree: FileTree, unit: ByteString): UnitSettings | Unreadable {
  const files = filesOf(tree, unit);
  if (files instanceof Unreadable) return files;
  const entries: [ByteString, ByteString][] = [];
  let setBy: Setter = 0;
  for (const file of files) {
    const found = tree.read(file, maxUnitBytes);
    if (found instanceof Unreadable)
      return new Unreadable(`${printable(file)} cannot be read (${found.reason})`);
    setBy = bothSetters(setBy, found.setBy);
    for (const entry of serviceEntries(found.text)) entries.push(entry);
  }
  return { entries, setBy };
}

/** The unit's own file, then what is dropped in, in the order of the names. */
function filesOf(tree: FileTree, unit: ByteString): ByteString[] | Unreadable {
  const template = unit.replace(/@.*(?=\.service$)/s, '@');
  const names = [...new Set([unit, template])];
  const own = names
    .flatMap((name) => unitDirectories.map((directory) => `${directory}/${name}`))
    .find((file) => !(tree.find(file) instanceof Unreadable));
  if (own === undefined) return new Unreadable(`the unit ${printable(unit)} was not found`);
  const dropIns = new Map<ByteString, ByteString>();
  for (const directory of unitDirectories) {
    for (const name of dropInNames(names)) {
      const listed = tree.list(`${directory}/${name}.d`);
      if (listed instanceof Unreadable) {
        if (listed.isMissing) continue;
        return new Unreadable(
          `${directory}/${printable(name)}.d cannot be read (${listed.reason})`,
        );
      }
      for (const file of listed.filter((one) => one.endsWith('.conf'))) {
        if (!dropIns.has(file)) dropIns.set(file, `${directory}/${name}.d/${file}`);
      }
    }
  }
  return [own, ...[...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file)];
}

/** For `a-b.service` also `a-.service`, and `service` for all. */
function dropInNames(names: readonly ByteString[]): ByteString[] {
  const prefixes = names.flatMap((name) => {
    const stem = name.slice(0, -'.service'.length).replace(/@.*$/s, '');
    const dashes = Array.from(stem.matchAll(/-(?=.)/g), ({ index }) => index).reverse();
    return dashes.map((dash) => `${stem.slice(0, dash + 1)}.service`);
  });
  return [...new Set([...names, ...prefixes, 'service'])];
}

function serviceEntries(text: ByteString): [key: ByteString, value: ByteString][] {
  const entries: [ByteString, ByteString][] = [];
  let section = '';
  for (const line of text
    .replace(/^[ \t]*[#;].*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('[')) section = trimmed;
    const equals = trimmed.indexOf('=');
    if (section !== '[Service]' || equals < 0) continue;
    entries.push([trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim()]);
  }
  return entries;
}
