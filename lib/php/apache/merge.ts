/**
 * What counts for one request, as Apache's walks (httpd, server/request.c) and mod_php's merge
 * (php-src, sapi/apache2handler/apache_config.c) put it together.
 *
 * The order: the server, the virtual host; then for each directory on the way from / to the script
 * its <Directory> sections and its .htaccess; then <DirectoryMatch>, <Files>, <Location>. <If> comes
 * last, but depends on the request, and is only looked at where it is asked for. Of one section the
 * last line of a name counts, admin or not; of two sections the later, unless the earlier alone was
 * an admin one.
 *
 * Invariant: settings that only a running Apache can decide are left out or taken in as a whole.
 */
import type { ByteString } from '../byte-string.js';
import { prefixes } from '../paths.js';
import { over } from '../provenance.js';
import type { SessionSettingName } from '../usage.js';
import { isPattern, matchesPath } from './fnmatch.js';
import type { ApacheScope, PhpSetting, Section } from './section.js';
import { indexOf } from './section-index.js';

/** A script, or whatever one asks about. */
export interface Point {
  readonly file: ByteString | null;
  readonly url: ByteString | null;
  /** Sections that match whatever they say: those that are asked about. */
  readonly forced?: readonly Section[];
  /** The .htaccess files by directory. */
  readonly accessFiles?: ReadonlyMap<ByteString, Section>;
}

/** The sections that count for a script, in the order in which they are merged. */
export function sectionsAt(
  server: ApacheScope,
  host: ApacheScope,
  point: Point,
): { readonly sections: readonly Section[]; readonly allowsOverrideIn: readonly ByteString[] } {
  const scopes = host === server ? [server] : [server, host];
  const forced = new Set(point.forced);
  const { sections, allowsOverrideIn } = walkDirectories(scopes, point, forced);
  const baseName = point.file?.slice(point.file.lastIndexOf('/') + 1) ?? null;
  const names = baseName === null ? [] : [baseName];
  const files = sections.flatMap(({ inside }) =>
    select(inside, names, baseName, forced, ({ kind }) => kind === 'files'),
  );
  const urls = point.url === null ? [] : locationsOf(point.url);
  const locations = scopes.flatMap((scope) =>
    select(scope.locations, urls, point.url, forced, () => true),
  );
  const merged = [...sections, ...files, ...locations];
  const ifs = [...forced].some(({ kind }) => kind === 'if')
    ? merged.flatMap(({ inside }) => select(inside, [], null, forced, ({ kind }) => kind === 'if'))
    : [];
  return { sections: [...merged, ...ifs], allowsOverrideIn };
}

/**
 * @param literals the patterns of those that are none, and match
 * @param text what the others are tried on; null: none matches
 */
function select(
  list: readonly Section[],
  literals: readonly ByteString[],
  text: ByteString | null,
  forced: ReadonlySet<Section>,
  isWanted: (section: Section) => boolean,
): Section[] {
  if (list.length === 0) return [];
  const matches = (section: Section): boolean => text !== null && matchesSection(section, text);
  return indexOf(list).select(literals, matches, isWanted, forced);
}

/** The locations without patterns that a URL lies in. */
function locationsOf(url: ByteString): ByteString[] {
  const found = [url];
  for (let at = url.indexOf('/'); at >= 0; at = url.indexOf('/', at + 1)) {
    found.push(url.slice(0, at), url.slice(0, at + 1));
  }
  return found;
}

function walkDirectories(
  scopes: readonly ApacheScope[],
  { file, accessFiles }: Point,
  forced: ReadonlySet<Section>,
): { sections: Section[]; allowsOverrideIn: ByteString[] } {
  const sections = scopes.map(({ top }) => top);
  const seen = new Set(sections);
  const allowsOverrideIn: ByteString[] = [];
  let allowsOverride = false;
  for (const directory of file === null ? [] : prefixes(file)) {
    const depth = depthOf(directory);
    for (const scope of scopes) {
      const isAtDepth = ({ isRegex, pattern }: Section): boolean =>
        !isRegex && depthOf(pattern) === depth;
      const here = select(scope.directories, [directory], directory, forced, isAtDepth);
      for (const section of here) {
        sections.push(section);
        seen.add(section);
        allowsOverride = section.allowsOverride ?? allowsOverride;
      }
    }
    if (!allowsOverride) continue;
    allowsOverrideIn.push(directory);
    const accessFile = accessFiles?.get(directory);
    if (accessFile !== undefined) sections.push(accessFile);
  }
  const late = scopes.flatMap(({ directories }) =>
    select(
      directories,
      [],
      file,
      forced,
      (section) => !seen.has(section) && (section.isRegex || forced.has(section)),
    ),
  );
  // Apache sorts expressions by their slashes too, as if they were paths.
  late.sort((a, b) => slashesIn(a.pattern) - slashesIn(b.pattern));
  for (const section of late) sections.push(section);
  return { sections, allowsOverrideIn };
}

function depthOf(path: ByteString): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}

function slashesIn(pattern: ByteString): number {
  return pattern.split('/').length - 1;
}

/** @param text a directory, a URL's path, or a file's name, as the section's kind wants it */
function matchesSection({ kind, pattern, isRegex, setBy }: Section, text: ByteString): boolean {
  if (isRegex) return setBy === 0 && matchesRegex(pattern, text);
  if (isPattern(pattern)) return matchesPath(pattern, text);
  if (kind !== 'location') return text === pattern;
  const next = text.charAt(pattern.length);
  return text.startsWith(pattern) && (pattern.endsWith('/') || next === '/' || next === '');
}

/**
 * JavaScript's expressions are near enough to PCRE's for paths. Only root's are tried: others could
 * be made to take for ever.
 */
function matchesRegex(pattern: ByteString, text: ByteString): boolean {
  try {
    const inline = /^\(\?i\)/.exec(pattern);
    return new RegExp(pattern.slice(inline?.[0].length ?? 0), inline === null ? '' : 'i').test(
      text,
    );
  } catch {
    return false;
  }
}

export type Merged = ReadonlyMap<SessionSettingName, PhpSetting>;

/** @param takesUncertain whether what only a running Apache can decide is taken in */
export function mergeSettings(sections: readonly Section[], takesUncertain: boolean): Merged {
  const merged = new Map<SessionSettingName, PhpSetting>();
  for (const { settings } of sections) {
    const own = new Map<SessionSettingName, PhpSetting>();
    for (const setting of settings)
      if (setting.isCertain || takesUncertain)
        own.set(setting.name, over(own.get(setting.name), setting));
    for (const [name, setting] of own) {
      const previous = merged.get(name);
      if (setting.isAdmin || previous?.isAdmin !== true) merged.set(name, over(previous, setting));
    }
  }
  // PHP lets only an administrator set it.
  if (merged.get('sys_temp_dir')?.isAdmin === false) merged.delete('sys_temp_dir');
  return merged;
}
