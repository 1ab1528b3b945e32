/**
 * Reads an Apache installation: its main file with all that belongs to it, its environment, its
 * user. The one door to this directory for the discovery of stores.
 *
 * Invariant: nothing is run, nothing is written, nothing here throws or hangs over what the files
 * hold; what cannot be known without running Apache is marked, not guessed.
 */
import type { ByteString } from '../byte-string.js';
import { printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { readUsers, type Users } from '../fpm/users.js';
import type { PhpValue } from '../nginx/php-values.js';
import { parseUid } from '../passwd.js';
import { absolutePath } from '../paths.js';
import {
  bothSetters,
  isUser,
  orRoot,
  type Setter,
  type Setting,
  type Source,
  type Warning,
} from '../provenance.js';
import type { Usage } from '../usage.js';
import { WarningList } from '../warning-list.js';
import { splitWords } from './config-lines.js';
import { type Environment, readEnvvars } from './envvars.js';
import { fpmRequestsIn } from './fpm-requests.js';
import { Modules } from './modules.js';
import { ConfigReader } from './read-config.js';
import type { ApacheScope, Section, ServedDirectory } from './section.js';
import { SectionReader } from './sections.js';
import { withUserDirectories } from './user-directories.js';
import { Variables } from './variables.js';
import { type PlacedWrapper, wrappersOf } from './wrappers.js';

export interface ApacheOptions {
  /** As `/etc/apache2/apache2.conf`, absolute. */
  readonly mainFile: ByteString;
  /** Names that `-D` gives. Default: those of APACHE_ARGUMENTS. */
  readonly defines?: Iterable<ByteString>;
  /** What Apache is started with. Default: what the `envvars` beside the main file exports. */
  readonly environment?: Environment;
  /** The lines of `-C`, read before the main file. */
  readonly before?: readonly Setting[];
  /** The lines of `-c`, read after it. */
  readonly after?: readonly Setting[];
  /** What `ServerRoot` is where nobody says. Default: the main file's directory, as on Debian. */
  readonly serverRoot?: ByteString;
}

export interface DocumentRoot {
  readonly path: ByteString;
  readonly source: Source;
  /** Who could have said so: what looking there costs is theirs to pay. Default: root. */
  readonly setBy?: Setter;
}

export interface ApacheConfiguration {
  /** The server itself, then its virtual hosts. */
  readonly scopes: readonly [ApacheScope, ...ApacheScope[]];
  /** The directories that are served: document roots and aliases, each once. */
  readonly documentRoots: readonly DocumentRoot[];
  readonly runsAs: Usage['runsAs'];
  /** Of a scope whose requests run as somebody else. */
  readonly runsAsIn: ReadonlyMap<ApacheScope, Usage['runsAs']>;
  /** mod_php's libraries, as `/usr/lib/apache2/modules/libphp8.2.so`; several where conditions decide. */
  readonly phpModules: readonly ByteString[];
  /** False where modules are loaded and none of them is PHP: then no php_value counts. */
  readonly runsPhp: boolean;
  /** Where php.ini is looked for, if PHPINIDir says so. */
  readonly phpIniDirectory: DocumentRoot | null;
  /** How it has PHP started for it. */
  readonly wrappers: readonly PlacedWrapper[];
  /** What it tells PHP-FPM. */
  readonly phpValues: readonly PhpValue[];
  /** The temporary directory that Apache is started with. */
  readonly temporaryDirectory: Setting | null;
  /** All names that .htaccess files may have. */
  readonly accessFileNames: readonly ByteString[];
  /** Takes an .htaccess file apart. */
  readonly readAccessFile: (file: {
    readonly path: ByteString;
    readonly text: ByteString;
    readonly setBy: Setting['setBy'];
  }) => {
    readonly section: Section;
    readonly phpValues: readonly PhpValue[];
    readonly wrappers: readonly PlacedWrapper[];
    readonly warnings: readonly Warning[];
  };
  readonly warnings: readonly Warning[];
}

export function readApache(tree: FileTree, options: ApacheOptions): ApacheConfiguration {
  const warnings = new WarningList();
  const mainFile = absolutePath('/', options.mainFile);
  const directory = absolutePath(mainFile, '..');
  const environment = options.environment ?? environmentBeside(tree, directory, warnings);
  const defines = options.defines ?? definesIn(environment.get('APACHE_ARGUMENTS')?.value ?? '');
  const modules = new Modules(tree);
  const variables = new Variables(defines, environment);
  const serverRoot = options.serverRoot ?? directory;
  const reader = new ConfigReader({ tree, serverRoot, variables, modules }, warnings);
  const directives = reader.readMain(mainFile, options.before, options.after);
  const start: Source = { kind: 'file', file: mainFile, line: 1 };
  const sections = new SectionReader(reader.serverRoot, warnings);
  const scopes = withUserDirectories(tree, sections.readServer(directives, start), warnings);
  const [server] = scopes;

  const toFpm = fpmRequestsIn(directives);
  const known = readUsers(tree);
  const users = usersOf(known, scopes, warnings);
  const wrappers = wrappersOf(directives, scopes, reader.serverRoot);
  const iniDirectory = directives.find(({ name }) => name === 'phpinidir');
  return {
    scopes,
    documentRoots: servedDirectories(scopes, toFpm.directories),
    phpValues: toFpm.phpValues,
    ...users,
    wrappers: wrappers.map((wrapper) => ({
      ...wrapper,
      runsAs: wrapper.user === null ? users.runsAs : userOf(known, wrapper.user, warnings),
    })),
    phpModules: modules.phpFiles,
    runsPhp: modules.has('php_module') !== false || modules.phpFiles.length > 0,
    phpIniDirectory:
      iniDirectory === undefined
        ? null
        : {
            path: absolutePath(reader.serverRoot, splitWords(iniDirectory.args)[0] ?? ''),
            source: iniDirectory.source,
          },
    temporaryDirectory: environment.get('TMPDIR') ?? null,
    accessFileNames: [...new Set(scopes.flatMap((scope) => accessFileNamesOf(server, scope)))],
    readAccessFile: (file) => {
      const own = new WarningList();
      const source: Source = { kind: 'file', file: file.path, line: 1 };
      const reading = new ConfigReader(
        { tree, serverRoot: reader.serverRoot, variables, modules },
        own,
        reader.macros,
      );
      const lines = reading.readAccessFile(file);
      const section = new SectionReader(reader.serverRoot, own).readAccessFile(
        lines,
        source,
        file.setBy,
      );
      // Who it runs as is known of virtual hosts only: for a user's file it is that user, if anyone.
      const runsAs = isUser(file.setBy) ? { uid: file.setBy, name: null } : users.runsAs;
      return {
        section,
        phpValues: fpmRequestsIn(lines).phpValues,
        wrappers: wrappersOf(lines, [server], reader.serverRoot).map((wrapper) => ({
          ...wrapper,
          setBy: bothSetters(wrapper.setBy, file.setBy),
          runsAs,
        })),
        warnings: own.all,
      };
    },
    warnings: warnings.all,
  };
}

/** The names that .htaccess files have in a scope, the first that exists counts. */
export function accessFileNamesOf(server: ApacheScope, scope: ApacheScope): readonly ByteString[] {
  return scope.accessFileNames ?? server.accessFileNames ?? ['.htaccess'];
}

function environmentBeside(
  tree: FileTree,
  directory: ByteString,
  warnings: WarningList,
): Environment {
  const path = `${directory}/envvars`;
  const file = tree.read(path);
  if (file instanceof Unreadable) {
    const source: Source = { kind: 'file', file: path, line: 0 };
    if (!file.isClosedToAll)
      warnings.add(`cannot be read: ${file.reason}`, source, orRoot(file.setBy));
    return new Map();
  }
  return readEnvvars(file, new Map([['APACHE_CONFDIR', directory]]));
}

/** `-D NAME` and `-DNAME`, among the arguments of a command. */
function definesIn(args: ByteString): ByteString[] {
  return Array.from(args.matchAll(/(?:^|\s)-D\s*([^\s]+)/g), ([, name = '']) => name);
}

function servedDirectories(
  scopes: readonly ApacheScope[],
  byFpm: readonly ServedDirectory[],
): DocumentRoot[] {
  const roots = new Map<ByteString, DocumentRoot>();
  const served = scopes.flatMap(({ documentRoot, aliases }): readonly ServedDirectory[] =>
    documentRoot === null ? aliases : [documentRoot, ...aliases],
  );
  for (const { path, source, setBy } of [...served, ...byFpm]) {
    // Said by root and by others, it is root's.
    const known = roots.get(path);
    if (known === undefined || (known.setBy !== 0 && setBy === 0))
      roots.set(path, { path, source, setBy });
  }
  return [...roots.values()];
}

function usersOf(
  users: Users,
  scopes: readonly ApacheScope[],
  warnings: WarningList,
): Pick<ApacheConfiguration, 'runsAs' | 'runsAsIn'> {
  const runsAsIn = new Map<ApacheScope, Usage['runsAs']>();
  for (const scope of scopes)
    if (scope.user !== null) runsAsIn.set(scope, userOf(users, scope.user, warnings));
  const [server] = scopes;
  return { runsAs: (server && runsAsIn.get(server)) ?? null, runsAsIn };
}

function userOf(
  users: Users,
  { text, source }: { readonly text: ByteString; readonly source: Source },
  warnings: WarningList,
): Usage['runsAs'] {
  const uid = text.startsWith('#') ? parseUid(text.slice(1)) : users.uidOf(text);
  if (uid === undefined) {
    warnings.add(`the user ${printable(text)} is not in /etc/passwd`, source);
    return null;
  }
  const name = users.nameOf(uid);
  return { uid, name: name === undefined ? null : printable(name) };
}
