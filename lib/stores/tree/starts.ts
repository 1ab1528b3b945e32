/**
 * What one tree's services start: the links by which units are started, and the PHP among them.
 *
 * Invariant: each is looked for once, when it is first asked about.
 */
import type { ByteString } from '../../php/byte-string.js';
import type { FileTree } from '../../php/file-tree.js';
import { programOf } from '../../php/processes/program.js';
import { StartLinks } from '../../php/processes/start-links.js';
import { type UnitStart, unitStarts } from '../../php/processes/unit-starts.js';

export class TreeStarts {
  readonly #tree: FileTree;
  #links: StartLinks | undefined;
  #php: readonly UnitStart[] | undefined;

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  get links(): StartLinks {
    this.#links ??= new StartLinks(this.#tree);
    return this.#links;
  }

  /** The services that start PHP. */
  get php(): readonly UnitStart[] {
    const { links } = this;
    this.#php ??= unitStarts(
      this.#tree,
      links,
      new Set([...links.units, ...links.called(/php|fpm/)]),
      (exe) => exe.startsWith('/') && isPhpProgram(exe),
    );
    return this.#php;
  }
}

/** What may be started by a service, and is PHP. */
function isPhpProgram(exe: ByteString): boolean {
  const sapi = programOf(exe)?.sapi;
  return sapi !== undefined && sapi !== 'apache2';
}
