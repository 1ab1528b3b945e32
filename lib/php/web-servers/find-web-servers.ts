/**
 * The web servers of one tree of files, by what runs, what starts by itself and what is installed: how
 * those are started whose configuration is read, and which there are besides.
 *
 * Invariant: a server that may have PHP run, and whose configuration is not read, is among `unread`,
 * with whose word is lost by it. What is installed and does not start by itself is not.
 */
import type { ApacheOptions } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import type { CaddyOptions } from '../caddy/read-caddy.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { LighttpdOptions } from '../lighttpd/read-lighttpd.js';
import { openLiteSpeedFile } from '../litespeed/read-openlitespeed.js';
import type { NginxOptions } from '../nginx/nginx-roots.js';
import { absolutePath, join } from '../paths.js';
import { StartLinks } from '../processes/start-links.js';
import { unitStarts } from '../processes/unit-starts.js';
import type { Setter } from '../provenance.js';
import { serverPackages } from './packages.js';
import { serverProgramOf, usualPrograms } from './program.js';
import type { RunningServer } from './running.js';
import {
  apacheOptions,
  caddyOptions,
  lighttpdOptions,
  nginxOptions,
  type ServerStart,
  usualArguments,
} from './server-options.js';

export interface UnreadServer {
  /** As `lighttpd (lighttpd.service)`. */
  readonly label: string;
  readonly speaksLsapi: boolean;
  readonly setBy: Setter;
}

export interface WebServers {
  readonly apache: readonly ApacheOptions[];
  readonly nginx: readonly NginxOptions[];
  readonly caddy: readonly CaddyOptions[];
  readonly lighttpd: readonly LighttpdOptions[];
  /** The directories of OpenLiteSpeed. */
  readonly openLiteSpeed: readonly ByteString[];
  readonly unread: readonly UnreadServer[];
}

/** @param running those that see these files */
export function findWebServers(
  tree: FileTree,
  running: readonly RunningServer[] = [],
  links: StartLinks = new StartLinks(tree),
): WebServers {
  const starts = [
    // Apache's processes are PHP's too, and read with those.
    ...running.filter(({ program }) => program.reader !== 'apache').map(startOfProcess),
    ...startsByUnits(tree, links),
    ...startsOfInstalled(tree, links),
  ];
  const servers = {
    apache: [] as ApacheOptions[],
    nginx: [] as NginxOptions[],
    caddy: [] as CaddyOptions[],
    lighttpd: [] as LighttpdOptions[],
    openLiteSpeed: [] as ByteString[],
    unread: [] as UnreadServer[],
  };
  const known = new Set<ByteString>();
  for (const start of starts) {
    const { program, by } = start;
    const openLiteSpeed = openLiteSpeedOf(tree, start);
    if (openLiteSpeed !== null) {
      if (!servers.openLiteSpeed.includes(openLiteSpeed)) servers.openLiteSpeed.push(openLiteSpeed);
      continue;
    }
    if (addRead(tree, start, servers)) {
      if (program.reader === 'caddy' || program.reader === 'lighttpd') known.add(program.name);
      continue;
    }
    const hasUsualFile = program.reader === 'apache' || program.reader === 'nginx';
    if (hasUsualFile && !start.isStarted) continue;
    // One that runs, starts by itself and is installed is one.
    if (known.has(program.name) && !start.isStarted) continue;
    known.add(program.name);
    servers.unread.push({
      label: `${printable(program.name)} (${by})`,
      speaksLsapi: program.speaksLsapi,
      setBy: start.setBy,
    });
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
  return { ...server, program, by, environment: null, setBy, isStarted: true };
}

function startsByUnits(tree: FileTree, links: StartLinks): ServerStart[] {
  const isServer = (exe: ByteString) => serverProgramOf(exe) !== undefined;
  return unitStarts(tree, links, links.units, isServer).flatMap(
    ({ unit, exe, command, plainWords, setBy }): ServerStart[] => {
      const program = serverProgramOf(exe);
      if (program === undefined) return [];
      return [
        {
          program,
          by: printable(unit),
          exe,
          arguments: command instanceof Unreadable ? plainWords : command.arguments.slice(1),
          workingDirectory: null,
          environment: command instanceof Unreadable ? null : command.environment,
          setBy,
          isStarted: true,
        },
      ];
    },
  );
}

/** The same file is read once. */
function addOnce<T extends { readonly mainFile: ByteString }>(list: T[], options: T): void {
  if (!list.some(({ mainFile }) => mainFile === options.mainFile)) list.push(options);
}

function startsOfInstalled(tree: FileTree, links: StartLinks): ServerStart[] {
  return usualPrograms.flatMap((exe): ServerStart[] => {
    const program = serverProgramOf(exe);
    const place = tree.find(exe);
    if (program === undefined || place instanceof Unreadable || !place.stat.isFile()) return [];
    const usual = usualArguments(program);
    const isRead = program.reader !== null && usual === null;
    if (!isRead && links.isOff(program.units)) return [];
    return [
      {
        program,
        by: printable(exe),
        exe,
        arguments: usual ?? [],
        workingDirectory: null,
        environment: null,
        setBy: place.setBy,
        isStarted: false,
      },
    ];
  });
}

/** @returns false where its configuration is not read, or not there */
function addRead(tree: FileTree, start: ServerStart, servers: ReadServers): boolean {
  const { program, arguments: words, environment } = start;
  if (program.reader === null || words === null) return false;
  const isThere = ({ mainFile }: { readonly mainFile: ByteString }): boolean => {
    const place = tree.find(mainFile);
    return !(place instanceof Unreadable && place.isMissing);
  };
  switch (program.reader) {
    case 'apache': {
      const options = apacheOptions(tree, start, words);
      if (options === null || !isThere(options)) return false;
      servers.apache.push(options);
      return true;
    }
    case 'nginx': {
      const options = nginxOptions(tree, start, words);
      if (options === null || !isThere(options)) return false;
      servers.nginx.push(options);
      return true;
    }
    case 'caddy': {
      const options = caddyOptions(start, words);
      if (options === null || !isThere(options)) return false;
      addOnce(servers.caddy, { ...options, environment });
      return true;
    }
    case 'lighttpd': {
      const options = lighttpdOptions(start, words);
      if (options === null || !isThere(options)) return false;
      addOnce(servers.lighttpd, options);
      return true;
    }
  }
}

interface ReadServers {
  readonly apache: ApacheOptions[];
  readonly nginx: NginxOptions[];
  readonly caddy: CaddyOptions[];
  readonly lighttpd: LighttpdOptions[];
}
