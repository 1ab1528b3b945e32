/**
 * Which main file a web server reads, by how it is started and by what it was built with.
 *
 * Invariant: null where that cannot be told; nothing is said of whether the file is there.
 */
import type { ApacheOptions } from '../apache/read-apache.js';
import type { ByteString } from '../byte-string.js';
import type { FileTree } from '../file-tree.js';
import type { NginxOptions } from '../nginx/nginx-roots.js';
import { absolutePath } from '../paths.js';
import { apacheArguments } from '../processes/arguments.js';
import { NotUnderstood } from '../processes/caddy-lines.js';
import { caddyArguments } from '../processes/caddyfile.js';
import { bothSetters, type Setter } from '../provenance.js';
import { apacheBuild, type Build, nginxBuild } from './build.js';
import type { ServerProgram } from './program.js';

/** How one is started, by a process, a unit or the mere presence of the program. */
export interface ServerStart {
  readonly program: ServerProgram;
  /** What tells of it. */
  readonly by: string;
  readonly exe: ByteString | null;
  /** Null: not known. */
  readonly arguments: readonly ByteString[] | null;
  readonly workingDirectory: ByteString | null;
  /** Null: not known. */
  readonly environment: ReadonlyMap<ByteString, ByteString> | null;
  readonly setBy: Setter;
  /** Whether it may run without its files: those that it read at its start may be gone. */
  readonly isStarted: boolean;
}

/** As its packages start it, where the program itself knows no file. */
export function usualArguments({ reader }: ServerProgram): readonly ByteString[] | null {
  if (reader === 'caddy') return ['run', '--config', '/etc/caddy/Caddyfile'];
  return reader === 'lighttpd' ? ['-f', '/etc/lighttpd/lighttpd.conf'] : null;
}

/** What a user starts is read by nobody here. */
export function caddyOptions(
  { setBy, workingDirectory }: ServerStart,
  words: readonly ByteString[],
): { readonly mainFile: ByteString } | null {
  const given = caddyArguments(words);
  if (setBy !== 0 || given === null || given instanceof NotUnderstood) return null;
  const file = given.config ?? 'Caddyfile';
  if (!file.startsWith('/') && workingDirectory === null) return null;
  return { mainFile: absolutePath(workingDirectory ?? '/', file) };
}

/** `-f FILE`; src/server.c, server_main_setup(). */
export function lighttpdOptions(
  { setBy, workingDirectory }: ServerStart,
  words: readonly ByteString[],
): { readonly mainFile: ByteString } | null {
  const at = words.findLastIndex((word) => /^-[A-Za-z]*f/.test(word));
  const word = words[at] ?? '';
  const file = word.slice(word.indexOf('f') + 1) || words[at + 1];
  if (setBy !== 0 || at < 0 || file === undefined) return null;
  if (!file.startsWith('/') && workingDirectory === null) return null;
  return { mainFile: absolutePath(workingDirectory ?? '/', file) };
}

export function apacheOptions(
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

export function nginxOptions(
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
