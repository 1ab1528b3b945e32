/**
 * The directories that nginx serves PHP's scripts from, by its configuration: below them PHP-FPM
 * looks for .user.ini files.
 *
 * Invariant: nothing is run, nothing here throws or hangs over what the files hold. A directory that
 * depends on the request is given as the part of it that does not; where nothing is left of it, that
 * is told with whose word it hides.
 */
import type { DocumentRoot } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { absolutePath } from '../paths.js';
import { bothSetters, type Setter, type Source, type Warning } from '../provenance.js';
import { WarningList } from '../warning-list.js';
import type { PhpValue } from './php-values.js';
import { NginxReader, type PlacedDirective } from './read-nginx.js';

export interface NginxOptions {
  /** Absolute. Default: /etc/nginx/nginx.conf. */
  readonly mainFile?: ByteString;
  /** Where relative roots begin (`-p`). Default: all that packages were built with. */
  readonly prefix?: ByteString;
  /** Who starts it so. Default: root. */
  readonly setBy?: Setter;
}

export interface NginxRoots {
  readonly roots: readonly DocumentRoot[];
  /** What it tells PHP of its settings. */
  readonly phpValues: readonly PhpValue[];
  readonly warnings: readonly Warning[];
}

/** Distributions and nginx.org; from source; OpenResty; FreeBSD; Bitnami; aaPanel. */
export const nginxLayouts: readonly {
  readonly mainFile: ByteString;
  readonly prefix?: ByteString;
}[] = [
  { mainFile: '/etc/nginx/nginx.conf' },
  { mainFile: '/usr/local/nginx/conf/nginx.conf', prefix: '/usr/local/nginx' },
  { mainFile: '/usr/local/openresty/nginx/conf/nginx.conf', prefix: '/usr/local/openresty/nginx' },
  { mainFile: '/usr/local/etc/nginx/nginx.conf', prefix: '/usr/local/etc/nginx' },
  { mainFile: '/opt/bitnami/nginx/conf/nginx.conf', prefix: '/opt/bitnami/nginx' },
  { mainFile: '/www/server/nginx/conf/nginx.conf', prefix: '/www/server/nginx' },
];

/** Debian's, Red Hat's; nginx.org's; Alpine's. */
const packagedPrefixes: readonly ByteString[] = [
  '/usr/share/nginx',
  '/etc/nginx',
  '/var/lib/nginx',
];

export function readNginxRoots(
  tree: FileTree,
  { mainFile = '/etc/nginx/nginx.conf', prefix, setBy = 0 }: NginxOptions = {},
): NginxRoots {
  const warnings = new WarningList();
  const directives = new NginxReader(tree, warnings).read(absolutePath('/', mainFile), setBy);
  const collector = new RootCollector(
    tree,
    prefix === undefined ? packagedPrefixes : [prefix],
    variablesIn(directives),
    warnings,
  );
  for (const directive of directives) collector.add(directive);
  if (directives.length > 0) collector.addDefault(setBy);
  return { roots: collector.roots, phpValues: phpValuesIn(directives), warnings: warnings.all };
}

function phpValuesIn(directives: readonly PlacedDirective[]): PhpValue[] {
  return directives.flatMap(({ words, source, setBy, block }): PhpValue[] => {
    const [directive, name, text = ''] = words;
    if (directive !== 'fastcgi_param') return [];
    return name === 'PHP_VALUE' || name === 'PHP_ADMIN_VALUE'
      ? [{ name, text, source, setBy, block }]
      : [];
  });
}

interface Value {
  readonly text: ByteString;
  readonly setBy: Setter;
}

/** What `set`, `map` and `geo` can make of a variable, by its name without the dollar. */
function variablesIn(
  directives: readonly PlacedDirective[],
): ReadonlyMap<ByteString, readonly Value[]> {
  const values = new Map<ByteString, Value[]>();
  const add = (variable: ByteString, text: ByteString, setBy: Setter): void => {
    const name = variable.replace(/^\$/, '');
    const own = values.get(name);
    if (own === undefined) values.set(name, [{ text, setBy }]);
    else if (own.length < maxValues) own.push({ text, setBy });
  };
  for (const { words, setBy, block } of directives) {
    const [name, first = '', second = ''] = words;
    if (name === 'set' && words.length === 3) add(first, second, setBy);
    const [kind] = block;
    // Its own name comes last: `map $host $directory { default /srv; }`.
    if ((kind === 'map' || kind === 'geo') && words.length === 2)
      add(block.at(-1) ?? '', first, setBy);
  }
  return values;
}

/** More than these values of one variable are not looked at. */
const maxValues = 1_000;
/** Variables that begin with a slash, and so end the directory before them. */
const urls = /^\$\{?(?:fastcgi_script_name|document_uri|uri|request_uri|fastcgi_path_info)\}?/;
/** What `root` has said already. */
const known = /^\$\{?(?:document_root|realpath_root|request_filename)\}?/;
const beginsVariable = /^\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/;

class RootCollector {
  readonly #roots = new Map<ByteString, DocumentRoot>();
  readonly #tree: FileTree;
  readonly #prefixes: readonly ByteString[];
  readonly #variables: ReadonlyMap<ByteString, readonly Value[]>;
  readonly #warnings: WarningList;

  constructor(
    tree: FileTree,
    prefixes: readonly ByteString[],
    variables: ReadonlyMap<ByteString, readonly Value[]>,
    warnings: WarningList,
  ) {
    this.#tree = tree;
    this.#prefixes = prefixes;
    this.#variables = variables;
    this.#warnings = warnings;
  }

  get roots(): readonly DocumentRoot[] {
    return [...this.#roots.values()];
  }

  /** What is served where no `root` says. */
  addDefault(setBy: Setter): void {
    this.#addLiteral('html', { kind: 'default', of: 'nginx' }, setBy);
  }

  add({ words, source, setBy }: PlacedDirective): void {
    const [name, first = '', second = ''] = words;
    if ((name === 'root' || name === 'alias') && words.length === 2)
      this.#addPath({ text: first, setBy }, source, 0);
    if (name !== 'fastcgi_param') return;
    if (first === 'DOCUMENT_ROOT') this.#addPath({ text: second, setBy }, source, 0);
    else if (first === 'SCRIPT_FILENAME')
      this.#addPath({ text: withoutScript(second), setBy }, source, 0);
  }

  #addPath({ text, setBy }: Value, source: Source, depth: number): void {
    if (known.test(text) || text === '') return;
    const variable = beginsVariable.exec(text);
    if (variable === null) {
      this.#addLiteral(text, source, setBy);
      return;
    }
    const name = variable[1] ?? variable[2] ?? '';
    const rest = text.slice(variable[0].length);
    const values = this.#variables.get(name) ?? [];
    if (values.length === 0 || values.length === maxValues || depth === maxVariables) {
      this.#warnOfUnknown(text, source, setBy);
      return;
    }
    for (const value of values) {
      const setters = bothSetters(setBy, value.setBy);
      this.#addPath({ text: value.text + rest, setBy: setters }, source, depth + 1);
    }
  }

  /** @param text that begins with no variable */
  #addLiteral(text: ByteString, source: Source, setBy: Setter): void {
    const at = text.indexOf('$');
    const isUrl = at > 0 && urls.test(text.slice(at));
    const whole = at < 0 || isUrl;
    const literal = at < 0 ? text : text.slice(0, at);
    const directory = whole ? literal : literal.slice(0, literal.lastIndexOf('/') + 1);
    if (!text.startsWith('/') && directory === '') {
      this.#warnOfUnknown(text, source, setBy);
      return;
    }
    const isAbsolute = text.startsWith('/');
    for (const prefix of isAbsolute ? ['/'] : this.#prefixes) {
      const path = absolutePath(prefix, directory);
      if (!isAbsolute && this.#tree.find(path) instanceof Unreadable) continue;
      if (path === '/' && !whole) {
        this.#warnOfUnknown(text, source, setBy);
        continue;
      }
      const other = this.#roots.get(path);
      // Said by root and by others, it is root's.
      if (other === undefined || (other.setBy !== 0 && setBy === 0))
        this.#roots.set(path, { path, source, setBy });
    }
  }

  #warnOfUnknown(text: ByteString, source: Source, setBy: Setter): void {
    const message = `the value of ${printable(text)} is unknown, and so are the .user.ini files there`;
    this.#warnings.add(message, source, setBy);
  }
}

/** How many variables may stand in each other. */
const maxVariables = 4;

/** The directory of a script that is always the same; others end in a variable. */
function withoutScript(path: ByteString): ByteString {
  return path.includes('$') ? path : path.slice(0, path.lastIndexOf('/') + 1);
}
