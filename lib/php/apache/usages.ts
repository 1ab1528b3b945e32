/**
 * The ways in which an Apache runs PHP: the server, each virtual host, each section that sets
 * something, with the settings that PHP has there.
 *
 * Invariant: where only a running Apache can tell whether something counts, both outcomes are
 * given, and say so.
 */

import { Allowances } from '../allowances.js';
import type { ByteString } from '../byte-string.js';
import type { FileTree } from '../file-tree.js';
import { isWithin, join } from '../paths.js';
import { describeSource, over, type Setter, type Setting, type Warning } from '../provenance.js';
import { type Outcome, outcomesOf } from '../run-time.js';
import type { SessionSettingName, SessionSettings, Usage } from '../usage.js';
import { isPattern } from './fnmatch.js';
import { type Merged, mergeSettings, type Point, sectionsAt } from './merge.js';
import type { ApacheConfiguration } from './read-apache.js';
import type { ApacheScope, PhpSetting, Section } from './section.js';

/** Stands for the scripts that no section names. */
export const anyScript = 'any.php';

/** A Usage that knows where in Apache's configuration it is: what .htaccess files are added to. */
export interface ApacheUsage extends Usage {
  readonly apache: {
    readonly configuration: ApacheConfiguration;
    readonly scope: ApacheScope;
    /** Null: of the server or the virtual host as a whole. */
    readonly section: Section | null;
    /** The script that stands for all that it is about. */
    readonly point: Point;
    readonly base: SessionSettings;
  };
}

export interface ApacheUsageOptions {
  readonly tree: FileTree;
  /** As `apache2`. */
  readonly labelPrefix: string;
  /** Is told what was left out. */
  readonly warnings: Warning[];
}

/** Sections in hosts, of root's configuration and of each user's. */
const maxUsages = 100_000;
const maxUserUsages = 1_000;

/**
 * @param base the settings of the php.ini that mod_php reads
 * @returns nothing where Apache runs no PHP itself
 */
export function apacheUsages(
  configuration: ApacheConfiguration,
  base: SessionSettings,
  options: ApacheUsageOptions,
): ApacheUsage[] {
  if (!configuration.runsPhp) return [];
  const [server, ...hosts] = configuration.scopes;
  const allowances = new Allowances(maxUsages, maxUserUsages);
  const full = new Set<Setter>();
  const mayAdd = ({ setBy, source }: Section): boolean => {
    if (allowances.take(setBy, 1)) return true;
    const message = `more than ${allowances.of(setBy)} combinations of hosts and sections: the rest is left out`;
    if (!full.has(setBy))
      options.warnings.push({ message, source, ...(setBy === null ? {} : { hides: setBy }) });
    full.add(setBy);
    return false;
  };
  const usages: ApacheUsage[] = [];
  const add = (host: ApacheScope, found: Iterable<PlacedSection>): void => {
    const told = new Set<Section>();
    for (const { section, parents } of found) {
      if (told.has(section) || !mayAdd(section)) continue;
      const point = { ...pointOf(server, host, section, parents), forced: [...parents, section] };
      const { sections } = sectionsAt(server, host, point);
      for (const other of sections) if (isAboutTheSame(section, other)) told.add(other);
      for (const usage of usagesOf(configuration, host, section, point, sections, base, options))
        usages.push(usage);
    }
  };
  for (const scope of configuration.scopes) {
    const point = rootPoint(server, scope);
    const { sections } = sectionsAt(server, scope, point);
    for (const usage of usagesOf(configuration, scope, null, point, sections, base, options))
      usages.push(usage);
    add(scope, settingSections(scope));
  }
  // The server's own sections as they are in a virtual host that sets something itself.
  const ofServer = [...settingSections(server)];
  for (const host of hosts.filter(setsSomething)) {
    const reached = ofServer.filter(({ section, parents }) =>
      canReach(server, host, parents[0] ?? section),
    );
    add(host, reached);
  }
  return distinct(usages);
}

/**
 * Two that are merged for the same scripts, if one is for the other's: what one gives the other gives.
 * Those that can stand in others are about what these are about, too.
 */
function isAboutTheSame(a: Section, b: Section): boolean {
  if (a.isRegex || b.isRegex || (a.kind !== 'directory' && a.kind !== 'location')) return false;
  return a.kind === b.kind && a.pattern === b.pattern && a.title === b.title;
}

function setsSomething({ top, directories, locations }: ApacheScope): boolean {
  const sets = ({ settings, inside }: Section): boolean => settings.length > 0 || inside.some(sets);
  return [top, ...directories, ...locations].some(sets);
}

/** A section with those that it stands in, the outermost first. */
interface PlacedSection {
  readonly section: Section;
  readonly parents: readonly Section[];
}

/** All sections of a scope that set something. */
function* settingSections(scope: ApacheScope): Generator<PlacedSection> {
  function* within(section: Section, parents: readonly Section[]): Generator<PlacedSection> {
    if (section.kind !== 'top' && section.settings.length > 0) yield { section, parents };
    const inner = section.kind === 'top' ? [] : [...parents, section];
    for (const child of section.inside) yield* within(child, inner);
  }
  for (const section of [scope.top, ...scope.directories, ...scope.locations])
    yield* within(section, []);
}

/** False for a directory that holds nothing of what the host serves. */
function canReach(
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

function rootPoint(server: ApacheScope, scope: ApacheScope): Point {
  const root = documentRootOf(server, scope);
  return root === null
    ? { file: null, url: null }
    : { file: join(root, anyScript), url: `/${anyScript}` };
}

/** A script that a section is about; a pattern stands for itself. */
function pointOf(
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

function usagesOf(
  configuration: ApacheConfiguration,
  scope: ApacheScope,
  section: Section | null,
  point: Point,
  sections: readonly Section[],
  base: SessionSettings,
  { tree, labelPrefix }: ApacheUsageOptions,
): ApacheUsage[] {
  const parts = [`${labelPrefix}${scope.name === null ? ' server' : ` vhost ${scope.name}`}`];
  for (const { title } of point.forced ?? []) parts.push(title);
  return outcomes(sections).flatMap(({ merged, warnings }) =>
    applied(configuration, base, merged, tree).map((outcome) => ({
      label: parts.join(' '),
      site: `${labelPrefix} ${siteOf(scope)}`,
      sapi: 'apache2',
      tree,
      runsAs: runsAsOf(configuration, scope),
      chroot: null,
      settings: outcome.settings,
      warnings: [...warnings, ...outcome.warnings],
      apache: { configuration, scope, section, point, base },
    })),
  );
}

/** One site has often a virtual host for each port. */
export function siteOf({ name, source }: ApacheScope): string {
  if (name === null) return 'server';
  const host = name.replace(/:[^:]*$/, '');
  return /[a-z]/i.test(host) ? host : `${name} ${describeSource(source)}`;
}

export function runsAsOf(configuration: ApacheConfiguration, scope: ApacheScope): Usage['runsAs'] {
  return configuration.runsAsIn.has(scope)
    ? (configuration.runsAsIn.get(scope) ?? null)
    : configuration.runsAs;
}

/**
 * php.ini's settings with Apache's over them, in the order in which mod_php applies them. What it
 * refuses is php.ini's then, whatever a virtual host had said.
 */
export function applied(
  { temporaryDirectory }: ApacheConfiguration,
  base: SessionSettings,
  merged: Merged,
  tree: FileTree,
): Outcome[] {
  const settings = new Map(base);
  if (temporaryDirectory !== null)
    settings.set('TMPDIR', over(base.get('TMPDIR'), temporaryDirectory));
  const changes = Array.from(merged, ([name, setting]) => ({
    name,
    setting: plain(setting),
    isAtRunTime: setting.isOfAccessFile === true,
  }));
  return outcomesOf(settings, changes, tree);
}

/** Without what only Apache's own merge needs to know. */
function plain({ value, source, setBy, displaced }: Setting): Setting {
  return displaced === undefined
    ? { value, source, setBy }
    : { value, source, setBy, displaced: plain(displaced) };
}

/** With and without what only a running Apache can decide, where that makes a difference. */
export function outcomes(
  sections: readonly Section[],
): { merged: Merged; warnings: readonly Warning[] }[] {
  const conditional = sections.find(({ kind }) => kind === 'if');
  const warnings: Warning[] =
    conditional === undefined
      ? []
      : [{ message: `${conditional.title} depends on the request`, source: conditional.source }];
  const sure = mergeSettings(sections, false);
  const all = mergeSettings(sections, true);
  const unsure = [...all].filter(([name, setting]) => !isSame(sure.get(name), setting));
  const told = (merged: Merged): Warning[] => [
    ...warnings,
    ...sections.flatMap(({ doubts = [] }) => doubts),
    ...Array.from(merged.values()).flatMap(doubtsAbout),
  ];
  if (unsure.length === 0) return [{ merged: sure, warnings: told(sure) }];
  const doubts = (what: string): Warning[] =>
    unsure.map(([name, { source }]) => ({
      message: `only a running Apache can tell whether ${name} is set here: ${what}`,
      source,
    }));
  return [
    { merged: all, warnings: [...told(all), ...doubts('this is the case that it is')] },
    { merged: sure, warnings: [...told(sure), ...doubts('this is the case that it is not')] },
  ];
}

/** About what stands behind a setting too. */
function doubtsAbout(setting: Setting & Pick<PhpSetting, 'doubt'>): Warning[] {
  const { doubt, displaced } = setting;
  const behind = displaced === undefined ? [] : doubtsAbout(displaced);
  return doubt === undefined ? behind : [doubt, ...behind];
}

/** Whether it is the same line, in the place of the same. */
function isSame(a: Setting | undefined, b: Setting | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.source === b.source && a.value === b.value && isSame(a.displaced, b.displaced);
}

/** A section that stands there twice gives one usage. */
export function distinct<T extends Usage>(usages: readonly T[]): T[] {
  const seen = new Map<string, T>();
  for (const usage of usages) {
    const settings = [...usage.settings].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([usage.label, settings.map(settingKey), usage.runsAs, usage.chroot]);
    if (!seen.has(key)) seen.set(key, usage);
  }
  return [...seen.values()];
}

function settingKey([name, { value, source, setBy, displaced }]: [
  SessionSettingName,
  Setting,
]): unknown {
  const behind = displaced === undefined ? null : settingKey([name, displaced]);
  return [name, value, source, setBy, behind];
}
