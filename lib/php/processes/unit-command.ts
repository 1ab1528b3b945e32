/**
 * What a systemd service starts its program with: for FPM, which overwrites its own arguments and
 * environment, the only place where `-c`, `-n`, `-d` and PHPRC can still be read.
 *
 * Invariant: what is not understood whole (a specifier, a variable, an EnvironmentFile, a program that
 * is not the one that runs) yields nothing, never a part that could be misread. It is what the next
 * start will use, which is what the last one did unless the unit was edited since.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, type Setter } from '../provenance.js';
import type { PhpProcess } from './process.js';

/** The first has precedence (systemd.unit(5)). */
export const unitDirectories: readonly ByteString[] = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
];

export interface StartCommand {
  readonly arguments: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly setBy: Setter;
}

/**
 * Fills in what a process hides, from the unit that it runs in.
 *
 * @param tree the system's own files, which `process.unit` belongs to
 * @returns the process as it was, if it hides nothing or nothing sure is known
 */
export function withStartCommand(process: PhpProcess, tree: FileTree): PhpProcess {
  if (process.arguments !== null || process.unit === null || process.master !== null)
    return process;
  const command = startCommandOf(tree, process.unit);
  const program = nameOf(command?.arguments[0]);
  if (command === null || process.exe === null || program === '') return process;
  // By way of a link, as Debian's alternatives are, it has another name.
  const place = tree.find(command.arguments[0] ?? '');
  const target = place instanceof Unreadable ? '' : nameOf(place.path);
  if (nameOf(process.exe) !== program && nameOf(process.exe) !== target) return process;
  return {
    ...process,
    arguments: command.arguments,
    environment: command.environment,
    setBy: bothSetters(process.setBy, command.setBy),
  };
}

export function startCommandOf(tree: FileTree, unit: ByteString): StartCommand | null {
  let commands: ByteString[] = [];
  let assignments: ByteString[] = [];
  let setBy: Setter = 0;
  const files = filesOf(tree, unit);
  for (const file of files) {
    const found = tree.read(file);
    if (found instanceof Unreadable) return null;
    setBy = bothSetters(setBy, found.setBy);
    for (const [key, value] of serviceEntries(found.text)) {
      if (key === 'ExecStart') commands = value === '' ? [] : [...commands, value];
      else if (key === 'Environment') assignments = value === '' ? [] : [...assignments, value];
      else if (
        /^(?:EnvironmentFile|PassEnvironment|Root(?:Directory|Image))$/.test(key) &&
        value !== ''
      )
        return null;
    }
  }
  const [command, ...others] = commands;
  if (command === undefined || others.length > 0) return null;
  // `@` gives argv[0] apart; the other signs are about privileges and failures.
  const [, signs = '', rest = ''] = /^([-:+!|@]*)(.*)$/s.exec(command) ?? [];
  const words = wordsOf(rest);
  const environment = wordsOf(assignments.join(' '));
  if (words === null || environment === null || signs.includes('@')) return null;
  if (words.some((word) => word.includes('$'))) return null;
  return { arguments: words, environment: new Map(environment.map(assignment)), setBy };
}

/** The unit's own file, then what is dropped in, in the order of the names. */
function filesOf(tree: FileTree, unit: ByteString): ByteString[] {
  const template = unit.replace(/@.*(?=\.service$)/s, '@');
  const names = [...new Set([unit, template])];
  const own = names
    .flatMap((name) => unitDirectories.map((directory) => `${directory}/${name}`))
    .find((file) => !(tree.find(file) instanceof Unreadable));
  if (own === undefined) return [];
  const dropIns = new Map<ByteString, ByteString>();
  for (const directory of unitDirectories) {
    for (const name of names) {
      const listed = tree.list(`${directory}/${name}.d`);
      if (listed instanceof Unreadable) continue;
      for (const file of listed.filter((one) => one.endsWith('.conf'))) {
        if (!dropIns.has(file)) dropIns.set(file, `${directory}/${name}.d/${file}`);
      }
    }
  }
  return [own, ...[...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file)];
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

/** @returns null where a word holds what is not understood here: an escape or a specifier */
function wordsOf(text: ByteString): ByteString[] | null {
  if (text.includes('\\') || /%(?!%)/.test(text.replaceAll('%%', ''))) return null;
  const words: ByteString[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (word === '"' || word === "'") return null;
    const bare = word.replace(
      /"([^"]*)"|'([^']*)'/g,
      (_, double = '', single = '') => double + single,
    );
    words.push(bare.replaceAll('%%', '%'));
  }
  return words;
}

function assignment(word: ByteString): [ByteString, ByteString] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
}

function nameOf(path: ByteString | undefined): ByteString {
  return path === undefined ? '' : path.slice(path.lastIndexOf('/') + 1);
}
