/**
 * What supervisord starts a program with, by its configuration: `command` and `environment` of a
 * `[program:NAME]`, in its main file and in those that this includes.
 *
 * Invariant: known only if one section alone starts the program that runs, and nothing in it is
 * computed (`%(...)s`); what is not understood yields the reason.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, type Setter } from '../provenance.js';
import { nameOf } from './program.js';
import type { StartCommand } from './unit-command.js';
import { wordsOf } from './unit-words.js';

/** How supervisord itself was started. */
export interface Supervisor {
  /** What follows its name. */
  readonly words: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly setBy: Setter;
}

const maxFileBytes = 1024 * 1024;
const maxFiles = 256;
const usualFiles: readonly ByteString[] = [
  '/etc/supervisord.conf',
  '/etc/supervisor/supervisord.conf',
];

interface Section {
  readonly name: ByteString;
  readonly values: ReadonlyMap<string, ByteString>;
}

/** Where its words begin, among those of a service or a container; -1: it is not started by them. */
export function supervisorAt(words: readonly ByteString[]): number {
  return words.findIndex((word) => /^supervisord(?:-\d[\d.]*)?$/.test(nameOf(word)));
}

/**
 * @param tree the files that supervisord sees
 * @param isProgram whether a word names the program that runs
 */
export function supervisedCommand(
  tree: FileTree,
  supervisor: Supervisor,
  isProgram: (word: ByteString) => boolean,
): StartCommand | Unreadable {
  const main = mainFile(tree, supervisor.words);
  if (main === null) return new Unreadable("supervisord's configuration is unknown");
  const read = readSections(tree, main);
  if (read instanceof Unreadable) return read;
  const commands: { section: Section; words: ByteString[] }[] = [];
  for (const section of read.sections) {
    if (!/^(?:fcgi-)?program:|^eventlistener:/.test(section.name)) continue;
    const words = wordsOf(section.values.get('command') ?? '');
    // A shell or a script could start anything.
    if (words === null) return notFollowed(section.name);
    if (isProgram(words[0] ?? '')) commands.push({ section, words });
  }
  const [command, ...others] = commands;
  if (command === undefined || others.length > 0)
    return new Unreadable(`no section of ${printable(main)}, or more than one, starts it`);
  const { section, words } = command;
  const shared = read.sections.filter(({ name }) => name === 'supervisord');
  const environment = new Map(supervisor.environment);
  for (const { values, name } of [...shared, section]) {
    const variables = variablesOf(values.get('environment') ?? '');
    if (variables === null) return notFollowed(name);
    for (const [key, value] of variables) environment.set(key, value);
  }
  if (words.some((word) => word.includes('%'))) return notFollowed(section.name);
  return { arguments: words, environment, setBy: bothSetters(supervisor.setBy, read.setBy) };
}

function notFollowed(name: ByteString): Unreadable {
  return new Unreadable(`supervisord's section ${printable(name)} cannot be followed`);
}

/** @returns null where it is not sure */
function mainFile(tree: FileTree, words: readonly ByteString[]): ByteString | null {
  let given: ByteString | undefined;
  for (const [index, word] of words.entries()) {
    if (word === '-c' || word === '--configuration') given = words[index + 1];
    else if (/^(?:-c|--configuration=)./s.test(word))
      given = word.replace(/^(?:-c|--configuration=)/, '');
    else continue;
    break;
  }
  if (given !== undefined) return given.startsWith('/') ? given : null;
  const there = usualFiles.filter((file) => !(tree.find(file) instanceof Unreadable));
  return there.length === 1 ? (there[0] ?? null) : null;
}

function readSections(
  tree: FileTree,
  main: ByteString,
): { sections: readonly Section[]; setBy: Setter } | Unreadable {
  const sections: Section[] = [];
  let setBy: Setter = 0;
  const files = [main];
  for (let at = 0; at < files.length; at += 1) {
    const file = files[at] ?? '';
    const found = tree.read(file, maxFileBytes);
    if (found instanceof Unreadable)
      return new Unreadable(`${printable(file)} cannot be read (${found.reason})`);
    setBy = bothSetters(setBy, found.setBy);
    for (const section of sectionsOf(found.text)) {
      sections.push(section);
      // Only the main file's are heeded.
      if (section.name !== 'include' || at > 0) continue;
      const included = includedFiles(tree, main, section.values.get('files') ?? '');
      if (included instanceof Unreadable) return included;
      for (const one of included) files.push(one);
    }
    if (files.length > maxFiles) return new Unreadable('supervisord includes too many files');
  }
  return { sections, setBy };
}

function includedFiles(
  tree: FileTree,
  main: ByteString,
  patterns: ByteString,
): ByteString[] | Unreadable {
  const files: ByteString[] = [];
  for (const pattern of patterns.split(/\s+/).filter((one) => one !== '')) {
    const path = pattern.startsWith('/')
      ? pattern
      : `${main.slice(0, main.lastIndexOf('/'))}/${pattern}`;
    const [, directory = '', before = '', star = '', after = ''] =
      /^(.*)\/([^/*]*)(\*?)([^/*]*)$/s.exec(path) ?? [];
    if (/[?[\]%]/.test(path) || directory.includes('*') || !path.startsWith('/'))
      return notFollowed('include');
    const names = tree.list(directory);
    if (names instanceof Unreadable) {
      if (names.isMissing) continue;
      return new Unreadable(`${printable(directory)} cannot be read (${names.reason})`);
    }
    for (const name of names) {
      const fits =
        star === ''
          ? name === before + after
          : name.startsWith(before) &&
            name.endsWith(after) &&
            name.length >= before.length + after.length &&
            // As glob() has it.
            !(before === '' && name.startsWith('.'));
      if (fits) files.push(`${directory}/${name}`);
    }
  }
  return files;
}

/** As Python's ConfigParser reads it: a line that is indented goes on with the value before it. */
function sectionsOf(text: ByteString): Section[] {
  const sections: { name: ByteString; values: Map<string, ByteString> }[] = [];
  let key: string | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(?:^|\s)[;#].*$/s, '').trimEnd();
    const section = sections.at(-1);
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      sections.push({ name: header, values: new Map() });
      key = undefined;
    } else if (/^\s/.test(line) && key !== undefined && section !== undefined) {
      section.values.set(key, `${section.values.get(key) ?? ''} ${line.trim()}`);
    } else {
      const [, name, value = ''] = /^([^\s:=][^:=]*)[:=](.*)$/s.exec(line) ?? [];
      if (name === undefined) continue;
      key = name.trim().toLowerCase();
      section?.values.set(key, value.trim());
    }
  }
  return sections;
}

/** `A="b",C=d`. */
function variablesOf(text: ByteString): [ByteString, ByteString][] | null {
  const variables: [ByteString, ByteString][] = [];
  let at = 0;
  const pattern = /\s*(\w+)\s*=\s*(?:"([^"\\%]*)"|'([^'\\%]*)'|([^\s"'\\%,]*))\s*(?:,|$)\s*/y;
  while (at < text.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    const [whole, name = '', double, single, bare = ''] = found;
    variables.push([name, double ?? single ?? bare]);
    at += whole.length;
  }
  return variables;
}
