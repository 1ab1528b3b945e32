/**
 * The web servers of one tree, and what they have PHP do there.
 *
 * Invariant: each is looked for and read once, when it is first asked about. What another tree's web
 * servers serve counts only where this one has none.
 */
import { type OpenLiteSpeed, readOpenLiteSpeed } from '../../php/litespeed/read-openlitespeed.js';
import { findWebServers, type WebServers } from '../../php/web-servers/find-web-servers.js';
import type { RunningServer } from '../../php/web-servers/running.js';
import {
  nothingServed,
  type Served,
  type ServedBesideApache,
  servedBesideApache,
} from '../../php/web-servers/served.js';
import type { ServedWithLosses } from '../serving-doubts.js';
import type { ApacheReader } from './apache.js';
import type { Gathered } from './gathered.js';
import type { TreeStarts } from './starts.js';

export interface ServersOptions {
  /** The web servers that run and see these files. Default: none is known of. */
  readonly runningServers?: readonly RunningServer[];
  /** What those of other trees serve here; asked where this one has none. */
  readonly servedElsewhere?: () => Served;
}

export class TreeServers {
  readonly #gathered: Gathered;
  readonly #options: ServersOptions;
  readonly #starts: TreeStarts;
  #found: WebServers | undefined;
  #openLiteSpeed: readonly OpenLiteSpeed[] | undefined;
  #besideApache: ServedBesideApache | undefined;

  constructor(gathered: Gathered, options: ServersOptions, starts: TreeStarts) {
    this.#gathered = gathered;
    this.#options = options;
    this.#starts = starts;
  }

  get found(): WebServers {
    this.#found ??= findWebServers(
      this.#gathered.tree,
      this.#options.runningServers,
      this.#starts.links,
    );
    return this.#found;
  }

  get besideApache(): ServedBesideApache {
    this.#besideApache ??= servedBesideApache(this.#gathered.tree, this.found);
    return this.#besideApache;
  }

  /** OpenLiteSpeed's configurations. */
  get openLiteSpeed(): readonly OpenLiteSpeed[] {
    this.#openLiteSpeed ??= this.found.openLiteSpeed.map((directory) =>
      readOpenLiteSpeed(this.#gathered.tree, directory),
    );
    return this.#openLiteSpeed;
  }

  /**
   * What they have PHP do here: this tree's own, or those of others where it has none.
   *
   * @param apache those that were read
   * @param readsServers whether web servers are looked into at all
   */
  served(apache: ApacheReader, readsServers: boolean): ServedWithLosses {
    const own = this.besideApache;
    for (const warning of own.warnings)
      if (!own.losses.includes(warning)) this.#gathered.warnings.push(warning);
    const roots = [...own.roots, ...this.openLiteSpeed.flatMap((one) => one.roots)];
    const ofLiteSpeed = this.#gathered.tell(this.openLiteSpeed.flatMap(({ warnings }) => warnings));
    const losses = [...apache.losses, ...ofLiteSpeed, ...this.#gathered.tell(own.losses)];
    const isRead = apache.configurations.length > 0 || this.openLiteSpeed.length > 0;
    if (own.isAny || isRead || !readsServers) return { ...own, roots, isAny: true, losses };
    const others = this.#options.servedElsewhere?.() ?? nothingServed;
    // What users run themselves is not the web server of all.
    const unread = [...own.unread, ...others.unread];
    return { ...others, byUser: own.byUser, unread, losses: others.warnings };
  }
}
