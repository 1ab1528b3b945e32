/**
 * The PHP that Apache starts through wrappers, and OpenLiteSpeed as an external application: which program, with
 * which options, whether it runs now or not. mod_fcgid ends PHP that idles.
 *
 * Invariant: a script is read, never run; it is the word of the user who could have written it. What is not
 * followed leaves a doubt about the PHP that it could start.
 */

import { Allowances } from '../php/allowances.js';
import { readStarter, type StarterCommand } from '../php/apache/starter-script.js';
import { siteOf } from '../php/apache/usages.js';
import type { PlacedWrapper } from '../php/apache/wrappers.js';
import { type ByteString, printable } from '../php/byte-string.js';
import { type FileTree, type Place, Unreadable } from '../php/file-tree.js';
import { readUsers } from '../php/fpm/users.js';
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
import { allDoubts } from './tree/read-installation.js';
import { filesOf } from './tree/usage-doubts.js';
import type { TreeReader } from './tree-usages.js';

/** More of them nobody writes. */
const maxScriptBytes = 64 * 1024;
const maxUsages = 10_000;
const maxUserUsages = 16;

/** Who has what started, and for which site. */
type Starter = Omit<PlacedWrapper, 'scope' | 'title'> & {
  readonly label: string;
  readonly site: string;
};

/** What it starts. */
interface Start {
  readonly command: StarterCommand;
  readonly setBy: Setter;
  readonly doubts: readonly Warning[];
  /** The script that says so. */
  readonly script: ByteString | null;
}

/** Those of Apache's configuration. */
export function addWrappers(reader: TreeReader, tree: FileTree): void {
  const wrappers = reader.apacheConfigurations.flatMap((apache) => apache.wrappers);
  addAll(reader, tree, wrappers.map(ofApache));
}

/** The external applications of OpenLiteSpeed that are not started as every lsphp is. */
export function addExternalApplications(reader: TreeReader, tree: FileTree): void {
  const users = readUsers(tree);
  const applications = reader.openLiteSpeed.flatMap((server) => server.applications);
  const special = applications.filter(
    ({ command, environment }) =>
      command.length > 1 || decisive.some((name) => environment.has(name)),
  );
  addAll(
    reader,
    tree,
    special.map((application) => {
      const { title, user } = application;
      const uid = user === null ? undefined : users.uidOf(user.text);
      return {
        ...application,
        label: `litespeed ${title}`,
        site: `litespeed ${title}`,
        isForPhp: false,
        // Its suexec keeps the environment.
        user: null,
        runsAs: uid === undefined ? null : { uid, name: user?.text ?? null },
      };
    }),
  );
}

/** PHP that lighttpd starts by itself. */
export function addBackends(reader: TreeReader, tree: FileTree): void {
  const common = { label: 'lighttpd', site: 'lighttpd', isForPhp: false, user: null, runsAs: null };
  const backends = reader.startedBackends.map((backend) => ({ ...common, ...backend }));
  addAll(reader, tree, backends);
}

const decisive = ['PHPRC', 'PHP_INI_SCAN_DIR', 'TMPDIR'];

function ofApache({ scope, title, ...wrapper }: PlacedWrapper): Starter {
  const host = scope.name === null ? 'server' : `vhost ${scope.name}`;
  return { ...wrapper, label: `apache2 ${host} by ${title}`, site: `apache2 ${siteOf(scope)}` };
}

/** Those of .htaccess files, which document roots were looked through for. */
export function addAccessFileWrappers(reader: TreeReader, tree: FileTree): void {
  addAll(reader, tree, reader.accessFileWrappers.map(ofApache));
}

function addAll(reader: TreeReader, tree: FileTree, wrappers: readonly Starter[]): void {
  const told = new Set<string>();
  const allowances = new Allowances(maxUsages, maxUserUsages);
  const full = new Set<Setter>();
  for (const wrapper of wrappers) {
    for (const start of variantsOf(wrapper).flatMap((variant) => startsOf(tree, variant))) {
      const { command, setBy, doubts } = start;
      const how = [command.words, [...command.environment], setBy, doubts.length];
      const key = JSON.stringify([wrapper.site, wrapper.runsAs, ...how]);
      if (told.has(key)) continue;
      told.add(key);
      if (allowances.take(setBy, 1)) {
        addStart(reader, tree, wrapper, start);
      } else if (!full.has(setBy)) {
        full.add(setBy);
        const message = `more than ${allowances.of(setBy)} ways in which Apache starts PHP: sescle ignores the rest`;
        reader.warnings.push({ message, source: wrapper.source, hides: setBy });
      }
    }
  }
}

/** suexec takes most of the environment away. */
function variantsOf(wrapper: Starter): Starter[] {
  // Plesk's suexec lets its own through.
  const isWhole = wrapper.user === null || withCustomIni(wrapper) !== null;
  return isWhole || wrapper.environment.size === 0
    ? [wrapper]
    : [wrapper, { ...wrapper, environment: new Map() }];
}

function startsOf(tree: FileTree, wrapper: Starter): Start[] {
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
      : [doubtAbout(wrapper, setters, 'only a shell knows what it starts PHP with')],
    script: path,
  }));
}

/** Plesk's own wrapper is a program, which goes by two variables. */
function withCustomIni({ environment }: Starter): StarterCommand | null {
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

function unfollowed(wrapper: Starter, setBy: Setter, why: string): Start {
  const { environment } = wrapper;
  return {
    command: { words: ['/usr/bin/php-cgi'], environment, isSure: false },
    setBy,
    doubts: [doubtAbout(wrapper, setBy, why)],
    script: null,
  };
}

function doubtAbout({ command, source }: Starter, hides: Setter, why: string): Warning {
  const message = `${printable(command[0] ?? '')} cannot be followed (${why}), so the lifetime of its sessions is unknown`;
  return { message, source, hides };
}

function addStart(
  reader: TreeReader,
  tree: FileTree,
  { label, site, runsAs, source }: Starter,
  { command, setBy, doubts, script }: Start,
): void {
  const [word = '', ...words] = command.words;
  const place = word.includes('/') ? tree.find(word) : inPath(tree, word);
  const exe = 'path' in place ? place.path : word;
  const program = phpProgram(place, word);
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
    site: reader.usage(site, process.sapi, own.settings).label,
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
