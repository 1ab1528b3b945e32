/**
 * Which pool or virtual host has a directory of sessions to itself.
 *
 * Invariant: a directory that two of them use has none.
 */
import type { Usage } from '../php/usage.js';
import type { LocatedUsage } from './located-usage.js';

/** The pool or the virtual host that has a directory to itself; the command line serves no site. */
export function onlySiteOf(heeded: readonly LocatedUsage[]): string | null {
  let only: string | null = null;
  for (const { usage } of heeded) {
    if (usage.sapi === 'cli' || usage.sapi === 'configuration') continue;
    const { site } = usage;
    if (site === undefined || (only !== null && only !== site)) return null;
    only = site;
  }
  return only;
}

/** Whether a user's file is about that site alone. */
export function isOfSite({ isUserFile, site }: Usage, only: string | null): boolean {
  return isUserFile === true && only !== null && site === only;
}
