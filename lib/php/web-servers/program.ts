/**
 * Which web server a program is, by its name, and whether sescle reads its configuration.
 *
 * Invariant: a name proves nothing; what follows from it is worth as much as who runs or installed it.
 */
import type { ByteString } from '../byte-string.js';
import { nameOf } from '../processes/program.js';

export interface ServerProgram {
  readonly name: ByteString;
  /** Null: nobody reads its configuration. */
  readonly reader: 'apache' | 'nginx' | 'caddy' | 'lighttpd' | null;
  /** Whether it has lsphp run PHP. */
  readonly speaksLsapi: boolean;
  /** The services that start it, without `.service`. */
  readonly units: readonly ByteString[];
}

interface Kind {
  readonly pattern: RegExp;
  readonly reader: ServerProgram['reader'];
  readonly speaksLsapi?: true;
  readonly units?: readonly ByteString[];
}

const kinds: readonly Kind[] = [
  {
    pattern: /^(?:apache2|httpd2?(?:[.-](?:worker|event|prefork))?)$/,
    reader: 'apache',
    units: ['apache2', 'httpd', 'apache'],
  },
  { pattern: /^(?:nginx(?:-debug)?|openresty|tengine|angie|freenginx)$/, reader: 'nginx' },
  {
    pattern: /^(?:(?:open)?litespeed|lshttpd(?:\.[\d.]+)?|lswsctrl)$/,
    reader: null,
    speaksLsapi: true,
    units: ['lshttpd', 'lsws', 'openlitespeed', 'litespeed'],
  },
  { pattern: /^lighttpd(?:-angel)?$/, reader: 'lighttpd', units: ['lighttpd'] },
  { pattern: /^caddy$/, reader: 'caddy' },
  { pattern: /^unitd$/, reader: null, units: ['unit', 'unitd'] },
  { pattern: /^cherokee(?:-worker)?$/, reader: null, units: ['cherokee'] },
  { pattern: /^(?:frankenphp|h2o|hiawatha|yaws|ferron)$/, reader: null },
];

/** @returns undefined for what is not known to be a web server that has PHP run */
export function serverProgramOf(path: ByteString): ServerProgram | undefined {
  const name = nameOf(path);
  const kind = kinds.find(({ pattern }) => pattern.test(name));
  if (kind === undefined) return undefined;
  const { reader, speaksLsapi = false, units = [name] } = kind;
  return { name, reader, speaksLsapi, units };
}

const directories: readonly ByteString[] = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
];

const names: readonly ByteString[] = [
  ...['apache2', 'httpd', 'httpd-prefork', 'nginx', 'openresty', 'tengine', 'angie', 'caddy'],
  ...['lighttpd', 'h2o', 'hiawatha', 'cherokee', 'unitd', 'yaws', 'ferron'],
];

/** Where packages, panels and sources put web servers. */
export const usualPrograms: readonly ByteString[] = [
  ...directories.flatMap((directory) => names.map((name) => `${directory}/${name}`)),
  '/usr/local/apache2/bin/httpd',
  '/usr/local/nginx/sbin/nginx',
  '/usr/local/openresty/nginx/sbin/nginx',
  '/opt/nginx/sbin/nginx',
  '/opt/bitnami/apache/bin/httpd',
  '/opt/bitnami/apache2/bin/httpd',
  '/opt/bitnami/nginx/sbin/nginx',
  '/www/server/apache/bin/httpd',
  '/www/server/nginx/sbin/nginx',
  '/usr/local/lsws/bin/lshttpd',
  '/usr/local/lsws/bin/litespeed',
  '/usr/local/lsws/bin/openlitespeed',
];
