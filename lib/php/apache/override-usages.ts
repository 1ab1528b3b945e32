/**
 * What .htaccess and .user.ini files make of the ways in which PHP runs.
 *
 * Invariant: a file counts only for those who read it (.htaccess where Apache runs PHP and
 * AllowOverride lets it, .user.ini for CGI, FPM and LiteSpeed) and never over what an administrator
 * fixed. Nobody's files make more usages than an allowance of their own; what is left out is told
 * with whose word it hides.
 */

import { Allowances } from '../allowances.js';
import { type ByteString, printable } from '../byte-string.js';
import { isWithin, join, prefixes } from '../paths.js';
import { over, type Setter, type Setting, type Warning } from '../provenance.js';
import { type Change, outcomesOf, treeBelow } from '../run-time.js';
import type { SessionSettingName, SessionSettings, Usage } from '../usage.js';
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

/** Combinations of files with ways in which PHP runs, of root's files and of each user's. */
export const maxUsages = 10_000;
export const maxUserUsages = 1_000;
/** How many are looked at for each that may count. */
const triesOfEach = 20;

/** A Usage that an override may change. */
export interface OverrideBase extends Usage {
  /** What was set so that no .user.ini can change it, as by FPM's php_admin_value. */
  readonly fixedSettings?: ReadonlySet<SessionSettingName>;
}

/**
 * @param base what was found without overrides; Apache's as apacheUsages() gives them
 * @param warnings is told what was left out
 */
export function overrideUsages(
  overrides: readonly DirectoryOverride[],
  base: readonly (OverrideBase | ApacheUsage)[],
  warnings: Warning[],
): Usage[] {
  return distinct([...withOverrides(overrides, base, new Limit(warnings))]);
}

/** Counts the combinations with each user's files. */
class Limit {
  readonly #warnings: Warning[];
  readonly #allowances = new Allowances(maxUsages, maxUserUsages);
  readonly #tries = new Allowances(triesOfEach * maxUsages, triesOfEach * maxUserUsages);
  readonly #full = new Set<Setter>();

  constructor(warnings: Warning[]) {
    this.#warnings = warnings;
  }

  /** Whether a combination may be looked at, which AllowOverride may not let count. */
  try(override: DirectoryOverride): boolean {
    return this.#tries.take(override.setBy, 1) || this.#refuse(override);
  }

  take(override: DirectoryOverride): boolean {
    return this.#allowances.take(override.setBy, 1) || this.#refuse(override);
  }

  #refuse({ setBy, file }: DirectoryOverride): false {
    if (this.#full.has(setBy)) return false;
    this.#full.add(setBy);
    const message = `more than ${this.#allowances.of(setBy)} combinations with .htaccess and .user.ini files: the rest is left out`;
    this.#warnings.push({
      message,
      source: { kind: 'file', file, line: 1 },
      ...(setBy === null ? {} : { hides: setBy }),
    });
    return false;
  }

  isFull(setBy: Setter): boolean {
    return this.#full.has(setBy);
  }
}

function* withOverrides(
  overrides: readonly DirectoryOverride[],
  base: readonly (OverrideBase | ApacheUsage)[],
  limit: Limit,
): Generator<Usage> {
  const accessFiles = overrides.filter(({ kind }) => kind === '.htaccess');
  const bases = distinctBases(base);
  const index = new AccessFiles(accessFiles);
  for (const usage of bases) if (isApacheUsage(usage)) yield* withAccessFiles(index, usage, limit);
  const userInis = overrides.filter(({ kind }) => kind === '.user.ini');
  const readers = bases.filter((usage) => !isApacheUsage(usage) && readsUserIni(usage));
  yield* withUserInis(userInis, readers, base, limit);
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

/** What the .user.ini files on the way to a directory set there, the deepest last. */
interface Layer {
  readonly override: DirectoryOverride;
  readonly settings: SessionSettings;
  readonly doubts: readonly Warning[];
}

/** PHP reads them from the document root down to the script's directory; the deepest wins. */
function* withUserInis(
  userInis: readonly DirectoryOverride[],
  readers: readonly OverrideBase[],
  base: readonly Usage[],
  limit: Limit,
): Generator<Usage> {
  const uids = new Set(base.filter(readsUserIni).map(({ runsAs }) => runsAs?.uid));
  const layers = layersOf(userInis);
  const counts = new Map<Setter, number>();
  for (const { override } of layers)
    counts.set(override.setBy, (counts.get(override.setBy) ?? 0) + 1);
  // Whoever has a PHP of their own has their sites served by it.
  const isReadBy = ({ setBy }: DirectoryOverride, { runsAs }: Usage): boolean =>
    setBy === null || setBy === 0 || !uids.has(setBy) || runsAs === null || runsAs.uid === setBy;
  const isTooMany = (setBy: Setter): boolean =>
    (counts.get(setBy) ?? 0) * readers.length > (setBy === 0 ? maxUsages : maxUserUsages);
  const told = new Set<string>();
  const bySetter = new Map<Setter, Layer[]>();
  for (const layer of layers) {
    const { setBy } = layer.override;
    // Where there are many, what says the same as another is left out.
    if (isTooMany(setBy)) {
      const key = layerKey(layer);
      if (told.has(key)) continue;
      told.add(key);
    }
    const own = bySetter.get(setBy);
    if (own === undefined) bySetter.set(setBy, [layer]);
    else own.push(layer);
  }
  for (const usage of readers) {
    const tree = treeBelow(usage.tree, usage.chroot);
    for (const [setBy, own] of bySetter) {
      if (limit.isFull(setBy)) continue;
      for (const { override, settings: set, doubts } of own) {
        if (!isReadBy(override, usage)) break;
        if (!limit.take(override)) break;
        const label = labelOf(usage.label, '.user.ini', override.directory);
        const changes = changesBy(set, usage.fixedSettings);
        for (const { settings, warnings } of outcomesOf(usage.settings, changes, tree))
          yield {
            ...usage,
            label,
            settings,
            warnings: [...usage.warnings, ...doubts, ...warnings],
            readFrom: [...(usage.readFrom ?? []), printable(override.file)],
          };
      }
    }
  }
}

function changesBy(
  settings: SessionSettings,
  fixed: ReadonlySet<SessionSettingName> | undefined,
): Change[] {
  return Array.from(settings, ([name, setting]) => ({ name, setting, isAtRunTime: true })).filter(
    ({ name }) => fixed?.has(name) !== true,
  );
}

function layersOf(userInis: readonly DirectoryOverride[]): Layer[] {
  const byDirectory = new Map<ByteString, DirectoryOverride[]>();
  for (const override of userInis) {
    const peers = byDirectory.get(override.directory);
    if (peers === undefined) byDirectory.set(override.directory, [override]);
    else peers.push(override);
  }
  return userInis.flatMap((override) =>
    override.roots.map((root) => {
      const settings = new Map<SessionSettingName, Setting>();
      const doubts: Warning[] = [];
      for (const parent of prefixes(override.directory)) {
        if (!isWithin(parent, root)) continue;
        for (const { settings: own, doubts: ownDoubts = [] } of byDirectory.get(parent) ?? []) {
          for (const [name, setting] of own) settings.set(name, over(settings.get(name), setting));
          for (const doubt of ownDoubts) doubts.push(doubt);
        }
      }
      return { override, settings, doubts };
    }),
  );
}

/** The same for layers that say the same, wherever. */
function layerKey({ override, settings }: Layer): string {
  const facts = (setting: Setting): unknown => [
    setting.value,
    setting.setBy,
    setting.displaced === undefined ? null : facts(setting.displaced),
  ];
  const sorted = [...settings].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([override.setBy, sorted.map(([name, setting]) => [name, facts(setting)])]);
}

/** .htaccess files by their place. */
class AccessFiles {
  readonly #byPath = new Map<ByteString, DirectoryOverride>();
  /** Their directories with a slash at the end, sorted: what is below one follows it. */
  readonly #sorted: readonly ByteString[];
  readonly #sections = new Map<string, ReadonlyMap<ByteString, Section>>();

  constructor(files: readonly DirectoryOverride[]) {
    for (const file of files) if (file.section !== null) this.#byPath.set(file.file, file);
    this.#sorted = [...new Set(files.map(({ directory }) => directory))]
      .map((directory) => (directory === '/' ? '/' : `${directory}/`))
      .sort();
  }

  /** The one that counts in a directory: the first name that is there. */
  at(directory: ByteString, names: readonly ByteString[]): DirectoryOverride | undefined {
    for (const name of names) {
      const file = this.#byPath.get(join(directory, name));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  sections(names: readonly ByteString[]): ReadonlyMap<ByteString, Section> {
    const key = names.join('\0');
    const known = this.#sections.get(key);
    if (known !== undefined) return known;
    const sections = new Map<ByteString, Section>();
    for (const { directory } of this.#byPath.values()) {
      const section = this.at(directory, names)?.section;
      if (section !== undefined && section !== null) sections.set(directory, section);
    }
    this.#sections.set(key, sections);
    return sections;
  }

  /** The directories at or below one that have any. */
  below(root: ByteString): ByteString[] {
    const start = root === '/' ? '/' : `${root}/`;
    let low = 0;
    for (let high = this.#sorted.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? '') < start) low = middle + 1;
      else high = middle;
    }
    const found: ByteString[] = [];
    for (let at = low; this.#sorted[at]?.startsWith(start) === true; at += 1) {
      const directory = this.#sorted[at] ?? '';
      found.push(directory === '/' ? '/' : directory.slice(0, -1));
    }
    return found;
  }
}

function* withAccessFiles(files: AccessFiles, usage: ApacheUsage, limit: Limit): Generator<Usage> {
  const { configuration, scope, section, point } = usage.apache;
  const [server] = configuration.scopes;
  const names = accessFileNamesOf(server, scope);
  const sections = files.sections(names);
  if (sections.size === 0) return;
  const isTaken = (directory: ByteString): boolean => {
    const file = files.at(directory, names);
    return file !== undefined && limit.take(file);
  };
  yield* usagesAt(usage, { ...point, accessFiles: sections }, usage.label, isTaken);
  if (section !== null) return;

  const served = new Set(servedBy(server, scope).flatMap((root) => files.below(root)));
  for (const directory of served) {
    const file = files.at(directory, names);
    if (file?.section === undefined || file.section === null || limit.isFull(file.setBy)) continue;
    for (const inner of [null, ...file.section.inside]) {
      const script = join(directory, inner === null ? anyScript : scriptOf([inner]));
      const here = pointAt(server, scope, script);
      const forced = inner === null ? [] : [inner];
      const label = inner === null ? usage.label : `${usage.label} ${inner.title}`;
      if (inner?.settings.length === 0) continue;
      if (!limit.try(file)) break;
      yield* usagesAt(usage, { ...here, accessFiles: sections, forced }, label, isTaken, directory);
    }
  }
}

/**
 * @param isTaken whether the directory whose file it is about may make one usage more
 * @param wanted that directory; without it, the deepest that counts
 */
function* usagesAt(
  usage: ApacheUsage,
  point: Point,
  label: string,
  isTaken: (directory: ByteString) => boolean,
  wanted?: ByteString,
): Generator<ApacheUsage> {
  const { configuration, scope, base } = usage.apache;
  const { sections, allowsOverrideIn } = sectionsAt(configuration.scopes[0], scope, point);
  const counting = allowsOverrideIn.filter((directory) => point.accessFiles?.has(directory));
  const directory = wanted ?? counting.at(-1);
  if (directory === undefined || !counting.includes(directory) || !isTaken(directory)) return;
  for (const { merged, warnings } of outcomes(sections)) {
    for (const outcome of applied(configuration, base, merged, usage.tree)) {
      yield {
        ...usage,
        label: labelOf(label, '.htaccess', directory),
        settings: outcome.settings,
        warnings: [...warnings, ...outcome.warnings],
        apache: { ...usage.apache, point },
      };
    }
  }
}

function labelOf(base: string, name: string, directory: ByteString): string {
  return `${base} ${name} in ${printable(directory)}`;
}
