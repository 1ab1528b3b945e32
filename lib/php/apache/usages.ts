/**
 * The ways in which an Apache runs PHP: the server, each virtual host, each section that sets
 * something, with the settings that PHP has there.
 *
 * Invariant: where only a running Apache can tell whether something counts, both outcomes are
 * given, and say so.
 */

import { Allowances } from '../allowances.js';
import type { FileTree } from '../file-tree.js';
import { describeSource, type Setter, type Setting, type Warning } from '../provenance.js';
import type { SessionSettingName, SessionSettings, Usage } from '../usage.js';
import { type Point, sectionsAt } from './merge.js';
import type { ApacheConfiguration } from './read-apache.js';
import { canReach, pointOf, rootPoint } from './script-points.js';
import type { ApacheScope, Section } from './section.js';
import { applied, outcomes } from './section-outcomes.js';
import { type PlacedSection, Subjects } from './section-subjects.js';

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
    const message = `more than ${allowances.of(setBy)} combinations of hosts and sections: sescle ignores the rest`;
    if (!full.has(setBy))
      options.warnings.push({ message, source, ...(setBy === null ? {} : { hides: setBy }) });
    full.add(setBy);
    return false;
  };
  const usages: ApacheUsage[] = [];
  const add = (host: ApacheScope, found: Iterable<PlacedSection>): void => {
    const placed = [...found];
    const subjects = new Subjects(placed);
    for (const { section, parents } of placed) {
      if (subjects.isTold(section) || !mayAdd(section)) continue;
      const point = { ...pointOf(server, host, section, parents), forced: [...parents, section] };
      const { sections } = sectionsAt(server, host, point);
      subjects.tell(section, sections);
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

function setsSomething({ top, directories, locations }: ApacheScope): boolean {
  const sets = ({ settings, inside }: Section): boolean => settings.length > 0 || inside.some(sets);
  return [top, ...directories, ...locations].some(sets);
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
