/**
 * The PHP that Apache has started for it: by mod_fcgid (`FcgidWrapper`), by an `Action` on a script
 * that is served, by suPHP.
 *
 * Invariant: which scripts of a host a wrapper serves is not asked: each of them is a way in which PHP
 * may run for that host. Nothing is run and no file is read here.
 */
import { type ByteString, printable } from '../byte-string.js';
import { absolutePath, isWithin, join } from '../paths.js';
import { bothSetters, type Setter, type Source } from '../provenance.js';
import type { Usage } from '../usage.js';
import { splitWords } from './config-lines.js';
import type { Directive } from './directive.js';
import type { ApacheScope } from './section.js';

export interface Wrapper {
  /** As `FcgidWrapper /usr/bin/php-cgi`. */
  readonly title: string;
  readonly scope: ApacheScope;
  /** A program, or a script that starts one, with its arguments. */
  readonly command: readonly ByteString[];
  /** What it is sure to be for: scripts of PHP. */
  readonly isForPhp: boolean;
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  /** Whom it runs as, where that is not who the server runs as: a name or `#uid`. */
  readonly user: { readonly text: ByteString; readonly source: Source } | null;
  readonly source: Source;
  readonly setBy: Setter;
}

/** With whom it runs as. */
export interface PlacedWrapper extends Wrapper {
  readonly runsAs: Usage['runsAs'];
}

interface Command {
  readonly title: string;
  readonly words: readonly ByteString[];
  readonly isForPhp: boolean;
  /** Whether FcgidInitialEnv is about it; else SetEnv is. */
  readonly isFcgid: boolean;
  readonly environment?: ReadonlyMap<ByteString, ByteString>;
  readonly source: Source;
  readonly setBy: Setter;
}

interface Host {
  readonly scope: ApacheScope;
  readonly fcgid: Map<ByteString, ByteString>;
  readonly cgi: Map<ByteString, ByteString>;
  readonly commands: Command[];
  readonly actions: {
    readonly url: ByteString;
    readonly isForPhp: boolean;
    readonly at: Directive;
  }[];
  readonly aliases: { readonly url: ByteString; readonly path: ByteString }[];
  user: Wrapper['user'];
  /** Who could have written any of it. */
  setBy: Setter;
}

/** @param scopes as they were made of the directives */
export function wrappersOf(
  directives: readonly Directive[],
  scopes: readonly ApacheScope[],
  serverRoot: ByteString,
): Wrapper[] {
  const [serverScope] = scopes;
  if (serverScope === undefined) return [];
  const server = hostOf(serverScope, directives, serverRoot);
  const wrappers = wrappersIn(server, null);
  for (const directive of directives) {
    if (directive.name !== 'virtualhost' || directive.children === null) continue;
    const scope = scopes.find(({ source, name }) => name !== null && source === directive.source);
    if (scope === undefined) continue;
    const host = hostOf(scope, directive.children, serverRoot);
    for (const wrapper of wrappersIn(host, server)) wrappers.push(wrapper);
  }
  return wrappers;
}

function hostOf(
  scope: ApacheScope,
  directives: readonly Directive[],
  serverRoot: ByteString,
): Host {
  const host: Host = {
    scope,
    fcgid: new Map(),
    cgi: new Map(),
    commands: [],
    actions: [],
    aliases: [],
    user: null,
    setBy: 0,
  };
  for (const directive of allIn(directives)) note(host, directive, serverRoot);
  return host;
}

/** Those in sections too, without those of virtual hosts. */
function* allIn(directives: readonly Directive[]): Generator<Directive> {
  for (const directive of directives) {
    if (directive.children === null) yield directive;
    else if (directive.name !== 'virtualhost') yield* allIn(directive.children);
  }
}

function note(host: Host, directive: Directive, serverRoot: ByteString): void {
  const { name, args, source, setBy } = directive;
  const words = splitWords(args);
  const [first = '', second = ''] = words;
  const count = host.commands.length + host.actions.length + host.fcgid.size + host.cgi.size;
  switch (name) {
    case 'fcgidinitialenv':
    case 'defaultinitenv':
      host.fcgid.set(first, second);
      break;
    case 'setenv':
      host.cgi.set(first, second);
      return;
    case 'fcgidwrapper':
    case 'fcgiwrapper': {
      const command = first.split(/\s+/).filter((word) => word !== '');
      const [program = ''] = command;
      host.commands.push({
        title: `FcgidWrapper ${printable(program)}`,
        words: [absolutePath(serverRoot, program), ...command.slice(1)],
        isForPhp: /^\.ph/i.test(second),
        isFcgid: true,
        source,
        setBy,
      });
      break;
    }
    case 'fcgidcmdoptions': {
      const program = absolutePath(serverRoot, first);
      host.commands.push({
        title: `FcgidCmdOptions ${printable(first)}`,
        words: [program],
        isForPhp: false,
        isFcgid: true,
        environment: new Map(
          words.flatMap((word, at): [ByteString, ByteString][] => {
            if (!/^initialenv$/i.test(words[at - 1] ?? '')) return [];
            const equals = word.indexOf('=');
            return equals < 0 ? [] : [[word.slice(0, equals), word.slice(equals + 1)]];
          }),
        ),
        source,
        setBy,
      });
      break;
    }
    case 'action':
      host.actions.push({ url: second, isForPhp: /php/i.test(first), at: directive });
      break;
    case 'alias':
    case 'scriptalias':
      if (words.length === 2)
        host.aliases.push({
          url: first.replace(/\/$/, ''),
          path: absolutePath(serverRoot, second),
        });
      return;
    case 'suphp_configpath':
      host.commands.push({
        title: `suPHP_ConfigPath ${printable(first)}`,
        words: [usualCgi],
        isForPhp: true,
        isFcgid: false,
        environment: new Map([['PHPRC', first]]),
        source,
        setBy,
      });
      break;
    case 'suexecusergroup':
    case 'suphp_usergroup':
      host.user = { text: first, source };
      return;
    default:
      return;
  }
  if (host.commands.length + host.actions.length + host.fcgid.size + host.cgi.size !== count)
    host.setBy = bothSetters(host.setBy, setBy);
}

/** What suPHP starts, unless its own configuration says otherwise. */
const usualCgi = '/usr/bin/php-cgi';

/** A host has the server's wrappers too, where it gives them another environment or user. */
function wrappersIn(host: Host, server: Host | null): Wrapper[] {
  const isOwn =
    server === null ||
    host.commands.length > 0 ||
    host.actions.length > 0 ||
    host.fcgid.size > 0 ||
    host.user !== null ||
    isAboutPhp(host.cgi);
  if (!isOwn) return [];
  const hosts = server === null ? [host] : [server, host];
  const merged = (maps: readonly ReadonlyMap<ByteString, ByteString>[]) =>
    new Map(maps.flatMap((map) => [...map]));
  const fcgid = merged(hosts.map((one) => one.fcgid));
  const cgi = merged(hosts.map((one) => one.cgi));
  const commands = hosts.flatMap((one) => [
    ...one.commands,
    ...one.actions.flatMap((action) => commandOf(action, host, server)),
  ]);
  return commands.map(({ title, words, isForPhp, isFcgid, environment, source, setBy }) => ({
    title,
    scope: host.scope,
    command: words,
    isForPhp,
    environment: merged([isFcgid ? fcgid : cgi, environment ?? new Map()]),
    user: host.user ?? server?.user ?? null,
    source,
    setBy: hosts.reduce<Setter>((all, one) => bothSetters(all, one.setBy), setBy),
  }));
}

function isAboutPhp(environment: ReadonlyMap<ByteString, ByteString>): boolean {
  return environment.has('PHPRC') || environment.has('PHP_INI_SCAN_DIR');
}

/** The script that an action leads to: by an alias, or below the document root. */
function commandOf(
  { url, isForPhp, at: { source, setBy } }: Host['actions'][number],
  host: Host,
  server: Host | null,
): Command[] {
  const aliases = [...host.aliases, ...(server?.aliases ?? [])];
  const alias = aliases.find((one) => isWithin(url, one.url === '' ? '/' : one.url));
  const root = host.scope.documentRoot?.path ?? server?.scope.documentRoot?.path;
  const path =
    alias !== undefined
      ? join(alias.path, url.slice(alias.url.length))
      : root === undefined
        ? null
        : join(root, url);
  if (path === null) return [];
  // Either module may run it, and each has an environment of its own.
  return [true, false].map((isFcgid) => ({
    title: `Action ${printable(url)}`,
    words: [path],
    isForPhp,
    isFcgid,
    source,
    setBy,
  }));
}
