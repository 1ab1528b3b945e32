/**
 * What a systemd service starts its program with: for FPM, which overwrites its own arguments and
 * environment, a place where `-c`, `-n`, `-d` and PHPRC can still be read.
 *
 * Invariant: what is not understood whole (an escape, a variable that may come from elsewhere, a root
 * directory of its own) yields the reason, never a part that could be misread. It is what the next
 * start will use, which is what the last one did unless the unit was edited since; what someone has
 * put into systemd's memory (`systemctl set-environment`) is written nowhere.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, type Setter } from '../provenance.js';
import { unitSettings } from './unit-files.js';
import { environmentFile, withSpecifiers, withVariables, wordsOf } from './unit-words.js';

export interface StartCommand {
  readonly arguments: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly setBy: Setter;
}

/** What gives the program another environment or other files. */
const notUnderstood =
  /^(?:PassEnvironment|UnsetEnvironment|PAMName|Root(?:Directory|Image|Hash|Verity))$/;

const maxEnvironmentFileBytes = 256 * 1024;

export function startCommandOf(tree: FileTree, unit: ByteString): StartCommand | Unreadable {
  const settings = unitSettings(tree, unit);
  if (settings instanceof Unreadable) return settings;
  const lists = { ExecStart: [], Environment: [], EnvironmentFile: [] } as Record<
    string,
    ByteString[]
  >;
  for (const [key, value] of settings.entries) {
    if (notUnderstood.test(key) && value !== '') return notKnown(unit, `its ${key}=`);
    const list = Object.hasOwn(lists, key) ? lists[key] : undefined;
    // An empty one takes those before it away.
    if (value === '') list?.splice(0);
    else list?.push(value);
  }
  const { ExecStart: commands = [], Environment = [], EnvironmentFile = [] } = lists;
  const [command, ...others] = commands;
  if (command === undefined || others.length > 0) return notKnown(unit, 'its ExecStart=');
  if (managerSetsEnvironment(tree)) return notKnown(unit, 'the DefaultEnvironment= of systemd');
  const given = environmentOf(tree, unit, Environment, EnvironmentFile);
  if (given instanceof Unreadable) return given;
  const words = commandWords(command, unit, given.environment);
  if (words === null) return notKnown(unit, 'its ExecStart=');
  const { environment, setBy } = given;
  return { arguments: words, environment, setBy: bothSetters(settings.setBy, setBy) };
}

function commandWords(
  command: ByteString,
  unit: ByteString,
  environment: ReadonlyMap<ByteString, ByteString>,
): ByteString[] | null {
  // `@` gives argv[0] apart, `|` leaves it to a shell; the other signs are about privileges and failures.
  const [, signs = '', rest = ''] = /^([-:+!|@]*)(.*)$/s.exec(command) ?? [];
  const words = wordsOf(rest);
  // A `;` parts several commands.
  if (words === null || /[@|]/.test(signs) || words.includes(';')) return null;
  const named = withAllSpecifiers(words, unit);
  if (named === null || named[0]?.includes('$') !== false) return null;
  // `:` leaves variables as they are.
  return signs.includes(':') ? named : withVariables(named, environment);
}

function environmentOf(
  tree: FileTree,
  unit: ByteString,
  assignments: readonly ByteString[],
  files: readonly ByteString[],
): Pick<StartCommand, 'environment' | 'setBy'> | Unreadable {
  const words = wordsOf(assignments.join(' '));
  const named = words === null ? null : withAllSpecifiers(words, unit);
  if (named === null) return notKnown(unit, 'its Environment=');
  const environment = new Map(named.map(assignment));
  let setBy: Setter = 0;
  for (const given of files) {
    const isOptional = given.startsWith('-');
    const file = withSpecifiers(isOptional ? given.slice(1) : given, unit);
    // Several files may be meant by one with wildcards.
    if (file === null || !/^\/[^*?[\\"']*$/.test(file))
      return notKnown(unit, 'its EnvironmentFile=');
    const found = tree.read(file, maxEnvironmentFileBytes);
    if (found instanceof Unreadable) {
      if (isOptional && found.isMissing) continue;
      return notKnown(unit, `${printable(file)} (${found.reason})`);
    }
    const variables = environmentFile(found.text);
    if (variables === null) return notKnown(unit, printable(file));
    for (const [name, value] of variables) environment.set(name, value);
    setBy = bothSetters(setBy, found.setBy);
  }
  return { environment, setBy };
}

function withAllSpecifiers(words: readonly ByteString[], unit: ByteString): ByteString[] | null {
  const named = words.map((word) => withSpecifiers(word, unit));
  return named.every((word) => word !== null) ? named : null;
}

function assignment(word: ByteString): [ByteString, ByteString] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Whether all services may have variables that their units do not tell (systemd-system.conf(5)). */
function managerSetsEnvironment(tree: FileTree): boolean {
  return ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].some((parent) => {
    const file = `${parent}/systemd/system.conf`;
    const names = tree.list(`${file}.d`);
    const dropIns = names instanceof Unreadable ? [] : names.map((name) => `${file}.d/${name}`);
    if (names instanceof Unreadable && !names.isMissing) return true;
    return [file, ...dropIns].some((one) => {
      const found = tree.read(one);
      if (found instanceof Unreadable) return !found.isMissing;
      return /^[ \t]*DefaultEnvironment[ \t]*=[ \t]*\S/m.test(found.text);
    });
  });
}

function notKnown(unit: ByteString, what: string): Unreadable {
  return new Unreadable(`the unit ${printable(unit)} cannot be followed for ${what}`);
}
