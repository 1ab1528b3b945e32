/**
 * The PHP that Apache has started by wrappers: what they would start, and with what, whether it runs
 * now or not. mod_fcgid ends PHP that idles.
 *
 * Invariant: a script is read, never run; it is the word of whoever could have written it. What is not
 * followed leaves a doubt about the PHP that it could start.
 */

import { readStarter, type StarterCommand } from '../php/apache/starter-script.js';
import { siteOf } from '../php/apache/usages.js';
import type { PlacedWrapper } from '../php/apache/wrappers.js';
import { type ByteString, printable } from '../php/byte-string.js';
import { type FileTree, type Place, Unreadable } from '../php/file-tree.js';
import type { PhpProcess } from '../php/processes/process.js';
import { nameOf, type Program, programOf } from '../php/processes/program.js';
import {
  bothSetters,
  describeSource,
  orRoot,
  type Setter,
  type Warning,
} from '../php/provenance.js';
import { phpOf } from './process-usages.js';
import { allDoubts, filesOf, type TreeReader } from './tree-usages.js';

/** More of them nobody writes. */
const maxScriptBytes = 64 * 1024;
const maxUsages = 10_000;

/** What a wrapper starts. */
interface Start {
  readonly command: StarterCommand;
  readonly setBy: Setter;
  readonly doubts: readonly Warning[];
  /** The script that says so. */
  readonly script: ByteString | null;
}

export function addWrappers(reader: TreeReader, tree: FileTree): void {
  const told = new Set<string>();
  for (const { wrappers } of reader.apacheConfigurations) {
    for (const wrapper of wrappers) {
      for (const variant of variantsOf(wrapper)) {
        for (const start of startsOf(tree, variant)) {
          const { command, setBy, doubts } = start;
          const how = [command.words, [...command.environment], setBy, doubts.length];
          const key = JSON.stringify([siteOf(wrapper.scope), wrapper.runsAs, ...how]);
          if (told.has(key)) continue;
          told.add(key);
          if (told.size > maxUsages) {
            const message = `more than ${maxUsages} ways in which Apache starts PHP: the rest is left out`;
            reader.warnings.push({ message, source: wrapper.source, hides: 0 });
            return;
          }
          addStart(reader, tree, wrapper, start);
        }
      }
    }
  }
}

/** suexec takes most of the environment away. */
function variantsOf(wrapper: PlacedWrapper): PlacedWrapper[] {
  // Plesk's suexec lets its own through.
  const isWhole = wrapper.user === null || withCustomIni(wrapper) !== null;
  return isWhole || wrapper.environment.size === 0
    ? [wrapper]
    : [wrapper, { ...wrapper, environment: new Map() }];
}

function startsOf(tree: FileTree, wrapper: PlacedWrapper): Start[] {
  const { command, environment, setBy } = wrapper;
  const [path = '', ...words] = command;
  const place = tree.find(path);
  if (phpProgram(place, path) !== undefined) {
    const isSure = true;
    return [{ command: { words: command, environment, isSure }, setBy, doubts: [], script: null }];
  }
  const isForPhp = wrapper.isForPhp || /php/i.test(nameOf(path));
  const file = place instanceof Unreadable ? place : tree.read(path, maxScriptBytes);
  const setters = bothSetters(setBy, orRoot(file.setBy));
  if (file instanceof Unreadable) {
    const custom = withCustomIni(wrapper);
    if (custom !== null) return [{ command: custom, setBy, doubts: [], script: null }];
    return isForPhp ? [unfollowed(wrapper, setters, file.reason)] : [];
  }
  const found = readStarter(file.text, { path, arguments: words, environment });
  if (found.length === 0) {
    const custom = withCustomIni(wrapper);
    if (custom !== null) return [{ command: custom, setBy, doubts: [], script: null }];
    const isPhps = isForPhp || (file.text.startsWith('#!') && /php/i.test(file.text));
    return isPhps ? [unfollowed(wrapper, setters, 'it is no script that starts PHP plainly')] : [];
  }
  return found.map((one) => ({
    command: one,
    setBy: setters,
    doubts: one.isSure
      ? []
      : [doubtAbout(wrapper, setters, 'only a shell can tell what it starts PHP with')],
    script: path,
  }));
}

/** Plesk's own wrapper is a program, which goes by two variables. */
function withCustomIni({ environment }: PlacedWrapper): StarterCommand | null {
  const ini = environment.get('PP_CUSTOM_PHP_INI');
  if (ini === undefined) return null;
  const version = /php(\d)(\d+)/.exec(environment.get('PP_CUSTOM_PHP_CGI_INDEX') ?? '');
  const program =
    version === null
      ? '/usr/bin/php-cgi'
      : `/opt/plesk/php/${version[1]}.${version[2]}/bin/php-cgi`;
  return { words: [program, '-c', ini], environment, isSure: true };
}

/** By what stands there, which links may lead to, as Debian's alternatives do. */
function phpProgram(place: Place | Unreadable, path: ByteString): Program | undefined {
  const program = ('path' in place ? programOf(place.path) : undefined) ?? programOf(path);
  return program?.sapi === 'cgi' || program?.sapi === 'litespeed' ? program : undefined;
}

function unfollowed(wrapper: PlacedWrapper, setBy: Setter, why: string): Start {
  const { environment } = wrapper;
  return {
    command: { words: ['/usr/bin/php-cgi'], environment, isSure: false },
    setBy,
    doubts: [doubtAbout(wrapper, setBy, why)],
    script: null,
  };
}

function doubtAbout({ command, source }: PlacedWrapper, hides: Setter, why: string): Warning {
  const message = `${printable(command[0] ?? '')} is not followed (${why}), and so not how long sessions live`;
  return { message, source, hides };
}

function addStart(
  reader: TreeReader,
  tree: FileTree,
  { title, scope, runsAs, source }: PlacedWrapper,
  { command, setBy, doubts, script }: Start,
): void {
  const [word = '', ...words] = command.words;
  const place = word.includes('/') ? tree.find(word) : inPath(tree, word);
  const exe = 'path' in place ? place.path : word;
  const program = phpProgram(place, word);
  const label = `apache2 ${scope.name === null ? 'server' : `vhost ${scope.name}`} by ${title}`;
  const process: PhpProcess = {
    pid: 0,
    startTicks: 0,
    sapi: program?.sapi ?? 'cgi',
    label,
    exe,
    version: program?.version ?? programOf(exe)?.version ?? null,
    uid: runsAs?.uid ?? 0,
    setBy,
    master: null,
    arguments: [word, ...words],
    environment: command.environment,
    title: null,
    workingDirectory: null,
    root: '/',
    unit: null,
    source: script === null ? source : { kind: 'file', file: script, line: 0 },
    warnings: doubts,
  };
  const own = phpOf(reader, process, tree);
  const usage = reader.usage(label, process.sapi, own.settings);
  reader.usages.push({
    ...usage,
    runsAs,
    site: reader.usage(`apache2 ${siteOf(scope)}`, process.sapi, own.settings).label,
    warnings: allDoubts(own),
    readFrom: [
      ...filesOf(own.ini),
      describeSource(source),
      ...(script === null ? [] : [printable(script)]),
    ],
  });
}

function inPath(tree: FileTree, name: ByteString): Place | Unreadable {
  for (const directory of ['/usr/local/bin', '/usr/bin', '/bin']) {
    const place = tree.find(`${directory}/${name}`);
    if ('path' in place) return place;
  }
  return new Unreadable('ENOENT');
}
