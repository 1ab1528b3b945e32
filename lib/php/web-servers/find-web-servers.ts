/**
 * The web servers of one tree of files, by what runs, what starts by itself and what is installed: how
 * those are started whose configuration is read, and which there are besides.
 *
 * Invariant: a server that may have PHP run, and whose configuration is not read, is among `unread`,
 * with whose word is lost by it. What is installed and does not start by itself is not.
 */
import type { ApacheOptions } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { openLiteSpeedFile } from '../litespeed/read-openlitespeed.js';
import type { NginxOptions } from '../nginx/nginx-roots.js';
import { absolutePath, join } from '../paths.js';
import { apacheArguments } from '../processes/arguments.js';
import { startCommandOf } from '../processes/unit-command.js';
import { unitDirectories, unitSettings } from '../processes/unit-files.js';
import { wordsOf } from '../processes/unit-words.js';
import { bothSetters, type Setter } from '../provenance.js';
import { apacheBuild, type Build, nginxBuild } from './build.js';
import { serverPackages } from './packages.js';
import { type ServerProgram, serverProgramOf, usualPrograms } from './program.js';
import type { RunningServer } from './running.js';
import { StartLinks } from './start-links.js';

export interface UnreadServer {
  /** As `lighttpd (lighttpd.service)`. */
  readonly label: string;
  readonly speaksLsapi: boolean;
  readonly setBy: Setter;
}

export interface WebServers {
  readonly apache: readonly ApacheOptions[];
  readonly nginx: readonly NginxOptions[];
  /** The directories of OpenLiteSpeed. */
  readonly openLiteSpeed: readonly ByteString[];
  readonly unread: readonly UnreadServer[];
}

/** How one is started, by a process, a unit or the mere presence of the program. */
interface ServerStart {
  readonly program: ServerProgram;
  /** What tells of it. */
  readonly by: string;
  readonly exe: ByteString | null;
  /** Null: not known. */
  readonly arguments: readonly ByteString[] | null;
  readonly workingDirectory: ByteString | null;
  readonly setBy: Setter;
  /** Whether it may run without its files: those that it read at its start may be gone. */
  readonly isStarted: boolean;
}

/** @param running those that see these files */
export function findWebServers(tree: FileTree, running: readonly RunningServer[] = []): WebServers {
  const links = new StartLinks(tree);
  const starts = [
    // Apache's processes are PHP's too, and read with those.
    ...running.filter(({ program }) => program.reader !== 'apache').map(startOfProcess),
    ...startsByUnits(tree, links),
    ...startsOfInstalled(tree, links),
  ];
  const servers = { apache: [], nginx: [], openLiteSpeed: [], unread: [] } as {
    apache: ApacheOptions[];
    nginx: NginxOptions[];
    openLiteSpeed: ByteString[];
    unread: UnreadServer[];
  };
  const known = new Set<ByteString>();
  for (const start of starts) {
    const { program, by } = start;
    const openLiteSpeed = openLiteSpeedOf(tree, start);
    if (openLiteSpeed !== null) {
      if (!servers.openLiteSpeed.includes(openLiteSpeed)) servers.openLiteSpeed.push(openLiteSpeed);
      continue;
    }
    const options = optionsOf(tree, start);
    if (options === null) {
      if (program.reader !== null && !start.isStarted) continue;
      // One that runs, starts by itself and is installed is one.
      if (known.has(program.name) && !start.isStarted) continue;
      known.add(program.name);
      servers.unread.push({
        label: `${printable(program.name)} (${by})`,
        speaksLsapi: program.speaksLsapi,
        setBy: start.setBy,
      });
    } else if (program.reader === 'apache') servers.apache.push(options);
    else servers.nginx.push(options);
  }
  for (const name of serverPackages(tree)) {
    if (known.has(name) || isOfKnown(name) || links.isOff([name])) continue;
    servers.unread.push({ label: `the package ${printable(name)}`, speaksLsapi: false, setBy: 0 });
  }
  return servers;
}

/** Of OpenLiteSpeed; the other LiteSpeed has its configuration as XML, which is not read. */
function openLiteSpeedOf(tree: FileTree, { program, exe, setBy }: ServerStart): ByteString | null {
  if (!program.speaksLsapi || exe === null || setBy !== 0) return null;
  const place = tree.find(exe);
  const directory = absolutePath(place instanceof Unreadable ? exe : place.path, '../..');
  const hasXml = !(tree.find(join(directory, 'conf/httpd_config.xml')) instanceof Unreadable);
  const main = tree.find(join(directory, openLiteSpeedFile));
  return hasXml || (main instanceof Unreadable && main.isMissing) ? null : directory;
}

/** Packages of a program that was looked for by its own name. */
function isOfKnown(name: ByteString): boolean {
  return serverProgramOf(name.replace(/^lib|[-_].*$/g, '')) !== undefined;
}

function startOfProcess(server: RunningServer): ServerStart {
  const { pid, program, place, setBy } = server;
  const by = place ?? `process ${pid}`;
  return { ...server, program, by, setBy, isStarted: true };
}

function startsByUnits(tree: FileTree, links: StartLinks): ServerStart[] {
  return [...links.units].flatMap((unit): ServerStart[] => {
    if (!unit.endsWith('.service') || !mayStartServer(tree, unit)) return [];
    const settings = unitSettings(tree, unit);
    if (settings instanceof Unreadable) return [];
    const command = settings.entries
      .filter(([key]) => key === 'ExecStart')
      .map(([, value]) => value.replace(signs, ''))
      .findLast((value) => serverProgramOf(firstWord(value)) !== undefined);
    const program = command === undefined ? undefined : serverProgramOf(firstWord(command));
    if (command === undefined || program === undefined) return [];
    const started = startCommandOf(tree, unit);
    return [
      {
        program,
        by: printable(unit),
        exe: firstWord(command),
        arguments: started instanceof Unreadable ? plainWords(command) : started.arguments.slice(1),
        workingDirectory: null,
        setBy: settings.setBy,
        isStarted: true,
      },
    ];
  });
}

/** Before the command: about privileges and failures. */
const signs = /^[-:+!|@]+/;

function firstWord(command: ByteString): ByteString {
  return /^"?([^\s"]+)/.exec(command)?.[1] ?? '';
}

/** What follows the program's name, where it needs no environment to be understood; else null. */
function plainWords(command: ByteString): readonly ByteString[] | null {
  return /[$%]/.test(command) ? null : (wordsOf(command)?.slice(1) ?? null);
}

/** Most units start something else: their own file tells, unless something is dropped in beside it. */
function mayStartServer(tree: FileTree, unit: ByteString): boolean {
  const template = unit.replace(/@.*(?=\.service$)/s, '@');
  return unitDirectories.some((directory) =>
    [...new Set([unit, template])].some((name) => {
      const file = tree.read(join(directory, name));
      const starts =
        file instanceof Unreadable ? [] : file.text.matchAll(/^\s*ExecStart\s*=(.*)$/gm);
      const isServer = [...starts].some(
        ([, start = '']) =>
          serverProgramOf(firstWord(start.trim().replace(signs, ''))) !== undefined,
      );
      return isServer || !(tree.find(join(directory, `${name}.d`)) instanceof Unreadable);
    }),
  );
}

function startsOfInstalled(tree: FileTree, links: StartLinks): ServerStart[] {
  return usualPrograms.flatMap((exe): ServerStart[] => {
    const program = serverProgramOf(exe);
    const place = tree.find(exe);
    if (program === undefined || place instanceof Unreadable || !place.stat.isFile()) return [];
    if (program.reader === null && links.isOff(program.units)) return [];
    return [
      {
        program,
        by: printable(exe),
        exe,
        arguments: [],
        workingDirectory: null,
        setBy: place.setBy,
        isStarted: false,
      },
    ];
  });
}

/** @returns null where its configuration is not read, or not there */
function optionsOf(tree: FileTree, start: ServerStart): (ApacheOptions & NginxOptions) | null {
  const { program, arguments: words } = start;
  if (program.reader === null || words === null) return null;
  const options =
    program.reader === 'apache'
      ? apacheOptions(tree, start, words)
      : nginxOptions(tree, start, words);
  if (options === null) return null;
  const place = tree.find(options.mainFile);
  return place instanceof Unreadable && place.isMissing ? null : options;
}

function apacheOptions(
  tree: FileTree,
  { exe }: ServerStart,
  words: readonly ByteString[],
): ApacheOptions | null {
  const given = apacheArguments(words);
  const build = exe === null ? null : apacheBuild(tree, exe);
  const serverRoot = given.serverRoot ?? build?.prefix;
  const file = given.configFile ?? build?.mainFile;
  if (file === undefined || (serverRoot === undefined && !file.startsWith('/'))) return null;
  return {
    mainFile: absolutePath(serverRoot ?? '/', file),
    ...(serverRoot === undefined ? {} : { serverRoot }),
    ...(given.defines.length === 0 ? {} : { defines: given.defines }),
    ...linesOf(given),
  };
}

function linesOf({
  directivesBefore,
  directivesAfter,
}: Pick<
  ReturnType<typeof apacheArguments>,
  'directivesBefore' | 'directivesAfter'
>): Partial<ApacheOptions> {
  const said = (value: ByteString) =>
    ({ value, source: { kind: 'command line' }, setBy: 0 }) as const;
  return {
    ...(directivesBefore.length === 0 ? {} : { before: directivesBefore.map(said) }),
    ...(directivesAfter.length === 0 ? {} : { after: directivesAfter.map(said) }),
  };
}

function nginxOptions(
  tree: FileTree,
  { exe, workingDirectory, setBy }: ServerStart,
  words: readonly ByteString[],
): (NginxOptions & { readonly mainFile: ByteString }) | null {
  const build: Build | null = exe === null ? null : nginxBuild(tree, exe);
  const given = optionOf(words, 'p');
  const prefix =
    given === null ? (build?.prefix ?? null) : absolutePath(workingDirectory ?? '/', given);
  const file = optionOf(words, 'c') ?? build?.mainFile ?? '/etc/nginx/nginx.conf';
  if (prefix === null && !file.startsWith('/')) return null;
  return {
    mainFile: absolutePath(prefix ?? '/', file),
    ...(prefix === null ? {} : { prefix }),
    ...(setBy === 0 ? {} : { setBy: bothSetters(setBy, tree.setBy) }),
  };
}

/** As `-c FILE`, `-cFILE` (src/core/nginx.c, ngx_get_options()). */
function optionOf(words: readonly ByteString[], letter: string): ByteString | null {
  let found: ByteString | null = null;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) continue;
    const start = [...word].findIndex((each, index) => index > 0 && 'cpge'.includes(each));
    if (start < 0) continue;
    const rest = word.slice(start + 1);
    if (rest === '') at += 1;
    if (word.charAt(start) === letter) found = rest === '' ? (words[at] ?? null) : rest;
  }
  return found;
}
