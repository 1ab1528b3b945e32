/**
 * Which services start by themselves: by systemd's links, by those of System V's init and of OpenRC.
 *
 * Invariant: a service is off only where its unit is there and nothing starts it.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { join } from '../paths.js';
import { unitDirectories } from '../processes/unit-files.js';

export class StartLinks {
  readonly #tree: FileTree;
  /** Units that something wants, with their ending. */
  readonly units: ReadonlySet<ByteString>;
  readonly #scripts: ReadonlySet<ByteString>;

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.units = new Set(
      unitDirectories.flatMap((directory) =>
        namesIn(tree, directory)
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

  #isUnit(unit: ByteString): boolean {
    return unitDirectories.some(
      (directory) => !(this.#tree.find(join(directory, unit)) instanceof Unreadable),
    );
  }
}

function namesIn(tree: FileTree, directory: ByteString): ByteString[] {
  const names = tree.list(directory);
  return names instanceof Unreadable ? [] : names;
}
