/**
 * What .htaccess files make of the ways in which an Apache runs PHP, where AllowOverride lets them.
 *
 * Invariant: a file counts where Apache would read it, and only the first of its names in a directory.
 */
import type { ByteString } from '../byte-string.js';
import { join } from '../paths.js';
import type { Usage } from '../usage.js';
import { type Point, sectionsAt } from './merge.js';
import type { DirectoryOverride } from './override-files.js';
import { labelOf, type OverrideLimit } from './override-limit.js';
import { accessFileNamesOf } from './read-apache.js';
import { anyScript, pointAt, scriptOf, servedBy } from './script-points.js';
import type { Section } from './section.js';
import { applied, outcomes } from './section-outcomes.js';
import { Subjects } from './section-subjects.js';
import type { ApacheUsage } from './usages.js';

/** .htaccess files by where they are. */
export class AccessFiles {
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

export function* withAccessFiles(
  files: AccessFiles,
  usage: ApacheUsage,
  limit: OverrideLimit,
): Generator<Usage> {
  const { configuration, scope, section, point } = usage.apache;
  const [server] = configuration.scopes;
  const names = accessFileNamesOf(server, scope);
  const sections = files.sections(names);
  if (sections.size === 0) return;
  const isTaken = (directory: ByteString): boolean => {
    const file = files.at(directory, names);
    return file !== undefined && limit.take(file);
  };
  const own = { ...point, accessFiles: sections };
  const here = sectionsAt(server, scope, own);
  yield* usagesAt(usage, own, here, { label: usage.label, isTaken });
  if (section !== null) return;

  const served = new Set(servedBy(server, scope).flatMap((root) => files.below(root)));
  for (const directory of served) {
    const file = files.at(directory, names);
    if (file?.section === undefined || file.section === null || limit.isFull(file.setBy)) continue;
    const { inside } = file.section;
    const subjects = new Subjects(inside.map((section) => ({ section, parents: [] })));
    for (const inner of [null, ...inside]) {
      if (inner !== null && (inner.settings.length === 0 || subjects.isTold(inner))) continue;
      const script = join(directory, inner === null ? anyScript : scriptOf([inner]));
      const here = pointAt(server, scope, script);
      const forced = inner === null ? [] : [inner];
      const label = inner === null ? usage.label : `${usage.label} ${inner.title}`;
      if (!limit.try(file)) break;
      const spot = { ...here, accessFiles: sections, forced };
      const merged = sectionsAt(server, scope, spot);
      if (inner !== null) subjects.tell(inner, merged.sections);
      yield* usagesAt(usage, spot, merged, { label, isTaken, wanted: directory });
    }
  }
}

interface Wanted {
  readonly label: string;
  /** Whether the directory whose file it is about may make one usage more. */
  readonly isTaken: (directory: ByteString) => boolean;
  /** That directory; without it, the deepest that counts. */
  readonly wanted?: ByteString;
}

function* usagesAt(
  usage: ApacheUsage,
  point: Point,
  { sections, allowsOverrideIn }: ReturnType<typeof sectionsAt>,
  { label, isTaken, wanted }: Wanted,
): Generator<ApacheUsage> {
  const { configuration, base } = usage.apache;
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
