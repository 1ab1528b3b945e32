/**
 * From where the web servers of a tree have PHP run scripts, and what they tell it with each request.
 *
 * Invariant: a server that is known and not read is in `unread`.
 */
import { type DocumentRoot, readApache } from '../apache/read-apache.js';
import type { ByteString } from '../byte-string.js';
import { readCaddy } from '../caddy/read-caddy.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { readLighttpd, type StartedBackend } from '../lighttpd/read-lighttpd.js';
import { type NginxOptions, nginxLayouts, readNginxRoots } from '../nginx/nginx-roots.js';
import type { PhpValue } from '../nginx/php-values.js';
import { absolutePath } from '../paths.js';
import { isUser, type Warning } from '../provenance.js';
import type { UnreadServer, WebServers } from './find-web-servers.js';

/** What servers of one user's say. */
export interface ServedBy {
  readonly roots: readonly DocumentRoot[];
  readonly phpValues: readonly PhpValue[];
}

export interface Served extends ServedBy {
  /** Of those that a user runs himself, by uid: it is about PHP that runs as that user. */
  readonly byUser: ReadonlyMap<number, ServedBy>;
  readonly unread: readonly UnreadServer[];
  /** Of those that are read. */
  readonly warnings: readonly Warning[];
  /** Whether there is any web server. */
  readonly isAny: boolean;
}

export const nothingServed: Served = {
  roots: [],
  phpValues: [],
  byUser: new Map(),
  unread: [],
  warnings: [],
  isAny: false,
};

export interface ServedBesideApache extends Served {
  /** PHP that lighttpd starts by itself. */
  readonly backends: readonly StartedBackend[];
  /** Those of the warnings that are Caddy's and lighttpd's, and so about PHP behind a server alone. */
  readonly losses: readonly Warning[];
}

/** Those of nginx, Caddy and lighttpd, and of what is not read. */
export function servedBesideApache(
  tree: FileTree,
  { nginx, caddy, lighttpd, unread }: WebServers,
): ServedBesideApache {
  const options = new Map<ByteString, NginxOptions>();
  for (const one of [...nginx, ...nginxLayouts]) {
    const mainFile = absolutePath('/', one.mainFile ?? '/etc/nginx/nginx.conf');
    const place = tree.find(mainFile);
    // Two ways to one file are one; what starts it goes first.
    const key = place instanceof Unreadable ? mainFile : place.path;
    const isMissing = place instanceof Unreadable && place.isMissing;
    if (!isMissing && !options.has(key)) options.set(key, one);
  }
  const all = [...options.values()].map(({ setBy = 0, ...one }) => ({
    setBy,
    ...readNginxRoots(tree, { ...one, setBy }),
  }));
  const ofLighttpd = lighttpd.map((one) => readLighttpd(tree, one));
  const others = [...caddy.map((one) => readCaddy(tree, one)), ...ofLighttpd];
  const users = new Set(all.map(({ setBy }) => setBy).filter(isUser));
  return {
    ...together([...all.filter(({ setBy }) => setBy === 0), ...others]),
    backends: ofLighttpd.flatMap(({ backends }) => backends),
    losses: others.flatMap(({ warnings }) => warnings),
    byUser: new Map(
      Array.from(users, (uid) => [uid, together(all.filter(({ setBy }) => setBy === uid))]),
    ),
    unread,
    warnings: [...all, ...others].flatMap(({ warnings }) => warnings),
    isAny: [...all, ...unread].some(({ setBy }) => setBy === 0) || others.length > 0,
  };
}

function together(all: readonly ServedBy[]): ServedBy {
  return {
    roots: all.flatMap(({ roots }) => roots),
    phpValues: all.flatMap(({ phpValues }) => phpValues),
  };
}

/** All of a tree in which no PHP runs, for the PHP of another. */
export function servedFrom(tree: FileTree, servers: WebServers): Served {
  const served = servedBesideApache(tree, servers);
  const apache = servers.apache.map((options) => readApache(tree, options));
  return {
    ...served,
    roots: [...served.roots, ...apache.flatMap(({ documentRoots }) => documentRoots)],
    warnings: [...served.warnings, ...apache.flatMap(({ warnings }) => warnings)],
    isAny: served.isAny || apache.length > 0,
  };
}

/** What others serve, as far as it is about these files: a path that is not there means other files. */
export function servedIn(tree: FileTree, elsewhere: readonly Served[]): Served {
  const about = elsewhere.map((served) => ({
    ...served,
    roots: served.roots.filter(({ path }) => !(tree.find(path) instanceof Unreadable)),
  }));
  return {
    ...together(about),
    byUser: new Map(),
    unread: about.flatMap(({ unread }) => unread),
    // What is lost there may be about these files.
    warnings: about.flatMap(({ warnings }) => warnings.filter(({ hides }) => hides != null)),
    isAny: about.some(({ roots, unread }) => roots.length > 0 || unread.length > 0),
  };
}
