/**
 * What .htaccess and .user.ini files make of the ways in which PHP runs.
 *
 * Invariant: a file counts only for those who read it (.htaccess where Apache runs PHP and
 * AllowOverride lets it, .user.ini for CGI, FPM and LiteSpeed) and never over what an administrator
 * fixed. There are no more than maxUsages; the last says if there would be more.
 */
import { type ByteString, printable } from '../byte-string.js';
import { isWithin, join, prefixes } from '../paths.js';
import type { SessionSettingName, Usage } from '../usage.js';
import type { DirectoryOverride } from './document-roots.js';
import { type Point, sectionsAt } from './merge.js';
import { accessFileNamesOf } from './read-apache.js';
import type { Section } from './section.js';
import {
  type ApacheUsage,
  anyScript,
  applied,
  distinct,
  outcomes,
  pointAt,
  scriptOf,
  servedBy,
} from './usages.js';

export const maxUsages = 10_000;

/** A Usage that an override may change. */
export interface OverrideBase extends Usage {
  /** What was set so that no .user.ini can change it, as by FPM's php_admin_value. */
  readonly fixedSettings?: ReadonlySet<SessionSettingName>;
}

/** @param base what was found without overrides; Apache's as apacheUsages() gives them */
export function overrideUsages(
  overrides: readonly DirectoryOverride[],
  base: readonly (OverrideBase | ApacheUsage)[],
): Usage[] {
  const found: Usage[] = [];
  for (const usage of withOverrides(overrides, base)) {
    if (found.length === maxUsages) {
      const message = `more than ${maxUsages} combinations with .htaccess and .user.ini files: the rest is left out`;
      found.push({ ...usage, warnings: [...usage.warnings, { message }] });
      break;
    }
    found.push(usage);
  }
  return distinct(found);
}

function* withOverrides(
  overrides: readonly DirectoryOverride[],
  base: readonly (OverrideBase | ApacheUsage)[],
): Generator<Usage> {
  const accessFiles = overrides.filter(({ kind }) => kind === '.htaccess');
  const userInis = overrides.filter(({ kind }) => kind === '.user.ini');
  for (const usage of distinctBases(base)) {
    if (isApacheUsage(usage)) yield* withAccessFiles(accessFiles, usage);
    else if (readsUserIni(usage)) yield* withUserInis(userInis, usage, base);
  }
}

function isApacheUsage(usage: OverrideBase | ApacheUsage): usage is ApacheUsage {
  return 'apache' in usage;
}

function readsUserIni({ sapi }: Usage): boolean {
  return sapi === 'cgi' || sapi === 'fpm' || sapi === 'litespeed';
}

/** Many pools have the same settings: their users tell them apart, their names do not. */
function distinctBases(
  base: readonly (OverrideBase | ApacheUsage)[],
): readonly (OverrideBase | ApacheUsage)[] {
  const apache: (OverrideBase | ApacheUsage)[] = [];
  const others: OverrideBase[] = [];
  for (const usage of base) (isApacheUsage(usage) ? apache : others).push(usage);
  const unnamed = new Map(
    others.map((usage) => [{ ...usage, label: [...(usage.fixedSettings ?? [])].join() }, usage]),
  );
  return [...apache, ...distinct([...unnamed.keys()]).flatMap((usage) => unnamed.get(usage) ?? [])];
}

/** PHP reads them from the document root down to the script's directory; the deepest wins. */
function* withUserInis(
  userInis: readonly DirectoryOverride[],
  usage: OverrideBase,
  base: readonly Usage[],
): Generator<Usage> {
  const uids = new Set(base.filter(readsUserIni).map(({ runsAs }) => runsAs?.uid));
  const byDirectory = new Map(userInis.map((override) => [override.directory, override]));
  for (const { setBy, roots, directory } of userInis) {
    // Whoever has a PHP of their own has their sites served by it.
    const isOwned = setBy !== null && setBy !== 0 && uids.has(setBy);
    if (isOwned && usage.runsAs !== null && usage.runsAs.uid !== setBy) continue;
    for (const root of roots) {
      const settings = new Map(usage.settings);
      for (const parent of prefixes(directory)) {
        if (!isWithin(parent, root)) continue;
        for (const [name, setting] of byDirectory.get(parent)?.settings ?? [])
          if (usage.fixedSettings?.has(name) !== true) settings.set(name, setting);
      }
      yield { ...usage, label: labelOf(usage.label, '.user.ini', directory), settings };
    }
  }
}

function* withAccessFiles(
  accessFiles: readonly DirectoryOverride[],
  usage: ApacheUsage,
): Generator<Usage> {
  const { configuration, scope, section, point } = usage.apache;
  const sections = new Map<ByteString, Section>();
  for (const name of accessFileNamesOf(configuration.scopes[0], scope)) {
    for (const { file, directory, section: own } of accessFiles)
      if (own !== null && !sections.has(directory) && file === join(directory, name))
        sections.set(directory, own);
  }
  if (sections.size === 0) return;
  yield* usagesAt(usage, { ...point, accessFiles: sections }, usage.label);
  if (section !== null) return;

  const served = servedBy(configuration.scopes[0], scope);
  for (const [directory, own] of sections) {
    if (!served.some((root) => isWithin(directory, root))) continue;
    for (const inner of [null, ...own.inside]) {
      const file = join(directory, inner === null ? anyScript : scriptOf([inner]));
      const here = pointAt(configuration.scopes[0], scope, file);
      const forced = inner === null ? [] : [inner];
      const label = inner === null ? usage.label : `${usage.label} ${inner.title}`;
      yield* usagesAt(usage, { ...here, accessFiles: sections, forced }, label, directory);
    }
  }
}

/** @param wanted the directory whose file it is about; without it, the deepest that counts */
function* usagesAt(
  usage: ApacheUsage,
  point: Point,
  label: string,
  wanted?: ByteString,
): Generator<ApacheUsage> {
  const { configuration, scope, base } = usage.apache;
  const { sections, allowsOverrideIn } = sectionsAt(configuration.scopes[0], scope, point);
  const counting = allowsOverrideIn.filter((directory) => point.accessFiles?.has(directory));
  const directory = wanted ?? counting.at(-1);
  if (directory === undefined || !counting.includes(directory)) return;
  for (const { merged, warnings } of outcomes(sections)) {
    yield {
      ...usage,
      label: labelOf(label, '.htaccess', directory),
      settings: applied(configuration, base, merged),
      warnings,
      apache: { ...usage.apache, point },
    };
  }
}

function labelOf(base: string, name: string, directory: ByteString): string {
  return `${base} ${name} in ${printable(directory)}`;
}
