/**
 * What web servers could tell PHP that nobody has read: `PHP_VALUE` with a request, and the .user.ini
 * files below document roots that are not known.
 *
 * Invariant: where the administrator has named the document roots, nothing is in doubt but those that
 * are not there.
 */
import { printable } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { bothSetters, type Setter, type Warning } from '../php/provenance.js';
import type { Usage } from '../php/usage.js';
import type { Served } from '../php/web-servers/served.js';
import type { NamedRoots } from './config/configuration.js';

const lost =
  'the PHP_VALUE settings that it sends and the .user.ini files below its document roots are unknown';

const remedy =
  'list every directory that it serves PHP from in /etc/sescle/sescle.toml: [discover] ⏎ document_roots = ["/var/www"]';

export type ServedWithLosses = Served & {
  /** Of web servers that are read: those parts that were not. */
  readonly losses: readonly Warning[];
};

/** About the PHP of one tree, by who may send it requests. */
export class ServingDoubts {
  readonly #tree: FileTree;
  readonly #served: ServedWithLosses;
  readonly #named: NamedRoots | null;
  readonly #isMachine: boolean;

  /**
   * @param named what sescle's own configuration says; null: nothing
   * @param isMachine whether these are the machine's own files, and not a container's on it
   */
  constructor(
    tree: FileTree,
    served: ServedWithLosses,
    named: NamedRoots | null,
    isMachine: boolean,
  ) {
    this.#tree = tree;
    this.#isMachine = isMachine;
    this.#served = served;
    this.#named = named;
  }

  about({ sapi, runsAs }: Usage): readonly Warning[] {
    if (sapi !== 'fpm' && sapi !== 'cgi' && sapi !== 'litespeed') return [];
    if (this.#named !== null) return this.#missing(this.#named);
    const { unread, isAny, byUser, losses } = this.#served;
    // A user who runs his own PHP may run a web server of his own before it.
    const uid = runsAs?.uid ?? 0;
    const isFound = isAny || byUser.has(uid) || unread.some(({ setBy }) => setBy === uid);
    if (sapi === 'fpm' && !isFound) return [this.#doubt('the web server was not found', 0)];
    const ofServers = unread
      .filter(({ speaksLsapi }) => sapi !== 'litespeed' || speaksLsapi)
      .map(({ label, setBy }) =>
        this.#doubt(`sescle does not read the web server ${label}`, setBy),
      );
    return [...ofServers, ...losses];
  }

  #doubt(what: string, setBy: Setter): Warning {
    const hides = bothSetters(setBy, this.#tree.setBy);
    return { message: `${what}: ${lost}`, hides, remedy };
  }

  /** A directory of this machine's may be a volume that is not mounted. In a container it is another's. */
  #missing(named: NamedRoots): Warning[] {
    const lacking = named.filter(({ value }) => this.#tree.find(value) instanceof Unreadable);
    const isElsewhere = !this.#isMachine && lacking.length < named.length;
    return isElsewhere
      ? []
      : lacking.map(({ value, source }) => ({
          message: `the document root ${printable(value)} does not exist: its .user.ini files are unknown`,
          source,
          hides: this.#tree.setBy,
          remedy: 'list only document roots that exist',
        }));
  }
}
