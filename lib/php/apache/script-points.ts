/**
 * The script that stands for all that a section is about, and where a host serves it.
 *
 * Invariant: pure; a section that names no script has one that no other names.
 */
import type { ByteString } from '../byte-string.js';
import { isWithin, join } from '../paths.js';
import { isPattern } from './fnmatch.js';
import type { Point } from './merge.js';
import type { ApacheScope, Section } from './section.js';

/** Stands for the scripts that no section names. */
export const anyScript = 'any.php';

/** False for a directory that holds nothing of what the host serves. */
export function canReach(
  server: ApacheScope,
  host: ApacheScope,
  { kind, pattern, isRegex }: Section,
): boolean {
  if (kind !== 'directory' || isRegex || isPattern(pattern)) return true;
  return servedBy(server, host).some((root) => isWithin(pattern, root) || isWithin(root, pattern));
}

/** The directories that a host serves: its document root and its aliases. */
export function servedBy(server: ApacheScope, scope: ApacheScope): ByteString[] {
  const root = documentRootOf(server, scope);
  const aliases = aliasesOf(server, scope).map(({ path }) => path);
  return root === null ? aliases : [root, ...aliases];
}

function documentRootOf(server: ApacheScope, scope: ApacheScope): ByteString | null {
  return scope.documentRoot?.path ?? server.documentRoot?.path ?? null;
}

function aliasesOf(server: ApacheScope, scope: ApacheScope): ApacheScope['aliases'] {
  return scope === server ? server.aliases : [...scope.aliases, ...server.aliases];
}

export function rootPoint(server: ApacheScope, scope: ApacheScope): Point {
  const root = documentRootOf(server, scope);
  return root === null
    ? { file: null, url: null }
    : { file: join(root, anyScript), url: `/${anyScript}` };
}

/** A script that a section is about; a pattern stands for itself. */
export function pointOf(
  server: ApacheScope,
  scope: ApacheScope,
  section: Section,
  parents: readonly Section[],
): Point {
  const outermost = parents[0] ?? section;
  const script = scriptOf([...parents, section]);
  const { pattern, isRegex, kind } = outermost;
  if (kind === 'directory' && !isRegex) return pointAt(server, scope, join(pattern, script));
  if (kind === 'location' && !isRegex) {
    const url = /\.php$/i.test(pattern) ? pattern : join(pattern || '/', anyScript);
    return { url, file: fileAt(server, scope, url) };
  }
  const root = documentRootOf(server, scope);
  return root === null ? { file: null, url: null } : pointAt(server, scope, join(root, script));
}

/** The name of a script that the innermost `<Files>` is about. */
export function scriptOf(sections: readonly Section[]): ByteString {
  const named = sections.findLast(
    ({ kind, isRegex, pattern }) => kind === 'files' && !isRegex && !isPattern(pattern),
  );
  return named?.pattern ?? anyScript;
}

/** A file with the URL that it has. */
export function pointAt(server: ApacheScope, scope: ApacheScope, file: ByteString): Point {
  const alias = aliasesOf(server, scope).find(({ path }) => isWithin(file, path));
  if (alias !== undefined)
    return { file, url: join(alias.url || '/', file.slice(alias.path.length)) };
  const root = documentRootOf(server, scope);
  const isServed = root !== null && isWithin(file, root);
  return { file, url: isServed ? join('/', root === '/' ? file : file.slice(root.length)) : null };
}

function fileAt(server: ApacheScope, scope: ApacheScope, url: ByteString): ByteString | null {
  const alias = aliasesOf(server, scope).find((other) => isWithin(url, other.url || '/'));
  if (alias !== undefined) return join(alias.path, url.slice(alias.url.length));
  const root = documentRootOf(server, scope);
  return root === null ? null : join(root, url);
}
