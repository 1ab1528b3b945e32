/**
 * Which services there are, and which start by themselves: by systemd's links, by those of System V's init
 * and of OpenRC.
 *
 * Invariant: a service is off only where its unit is there and nothing starts it. Each directory is listed
 * once, and each unit's file read once, however many look for their programs there.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { join } from '../paths.js';
import { unitDirectories } from './unit-files.js';

export class StartLinks {
  readonly #tree: FileTree;
  /** Units that something wants, with their ending. */
  readonly units: ReadonlySet<ByteString>;
  readonly #scripts: ReadonlySet<ByteString>;
  /** What the directories of units hold. */
  readonly #names: ReadonlyMap<ByteString, ReadonlySet<ByteString>>;
  readonly #starts = new Map<ByteString, readonly ByteString[] | null>();

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.#names = new Map(
      unitDirectories.map((directory) => [directory, new Set(namesIn(tree, directory))]),
    );
    this.units = new Set(
      [...this.#names].flatMap(([directory, names]) =>
        [...names]
          .filter((name) => /\.(?:wants|requires|upholds)$/.test(name))
          .flatMap((name) => namesIn(tree, join(directory, name))),
      ),
    );
    this.#scripts = new Set([
      ...['2', '3', '4', '5'].flatMap((level) =>
        [`/etc/rc${level}.d`, `/etc/rc.d/rc${level}.d`].flatMap((directory) =>
          namesIn(tree, directory).flatMap((name) => /^S\d\d(.+)$/.exec(name)?.[1] ?? []),
        ),
      ),
      ...namesIn(tree, '/etc/runlevels').flatMap((name) =>
        namesIn(tree, join('/etc/runlevels', name)),
      ),
    ]);
  }

  /** @param names without `.service` */
  isOff(names: readonly ByteString[]): boolean {
    const isStarted = names.some(
      (name) =>
        this.units.has(`${name}.service`) ||
        this.units.has(`${name}.socket`) ||
        this.#scripts.has(name),
    );
    return !isStarted && names.some((name) => this.#isUnit(`${name}.service`));
  }

  /** The services, started or not, that are called so; without templates. */
  called(pattern: RegExp): ByteString[] {
    return [...this.#names.values()].flatMap((names) =>
      [...names].filter((name) => /[^@]\.service$/.test(name) && pattern.test(name)),
    );
  }

  /**
   * What the own file of a unit says in its `ExecStart=` lines, as it is written.
   *
   * @returns null where something is dropped in beside it, which may say otherwise
   */
  startsOf(unit: ByteString): readonly ByteString[] | null {
    const known = this.#starts.get(unit);
    if (known !== undefined) return known;
    const template = unit.replace(/@.*(?=\.service$)/s, '@');
    const starts: ByteString[] = [];
    let hasMore = false;
    for (const [directory, names] of this.#names) {
      for (const name of new Set([unit, template])) {
        hasMore ||= names.has(`${name}.d`);
        const file = names.has(name) ? this.#tree.read(join(directory, name)) : null;
        if (file === null || file instanceof Unreadable) continue;
        for (const [, start = ''] of file.text.matchAll(/^[ \t]*ExecStart[ \t]*=(.*)$/gm))
          starts.push(start.trim());
      }
    }
    const found = hasMore ? null : starts;
    this.#starts.set(unit, found);
    return found;
  }

  #isUnit(unit: ByteString): boolean {
    return [...this.#names.values()].some((names) => names.has(unit));
  }
}

function namesIn(tree: FileTree, directory: ByteString): ByteString[] {
  const names = tree.list(directory);
  return names instanceof Unreadable ? [] : names;
}
