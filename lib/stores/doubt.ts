/**
 * Whose lifetimes in a store are not fully known, why, and what would settle it.
 *
 * Invariant: whatever was seen and not read, and could have said that sessions live longer, is a doubt
 * about those whose sessions it could have been about. The administrator's own word in sescle.toml
 * leaves none.
 */
import type { ByteString } from '../php/byte-string.js';
import { describeSource, describeWarning, isUser, type Warning } from '../php/provenance.js';
import type { StoreEntry } from './config/configuration.js';
import { inOneLine, storeLines } from './config/store-lines.js';
import type { Lifetimes, LostWord } from './lifetimes.js';
import type { LocatedUsage } from './located-usage.js';
import { profiles } from './profiles.js';
import { isOfSite } from './site.js';
import type { Doubt } from './store.js';

/** What was not read. */
export interface Loss {
  readonly about: LostWord;
  readonly warning: Warning;
}

const maxTold = 10;

/** What was lost of no usage in particular is about every store. */
export function lossesOfMachine(warnings: readonly Warning[]): Loss[] {
  return warnings.flatMap((warning): Loss[] => {
    const { hides } = warning;
    return hides == null ? [] : [{ about: hides === 0 ? null : hides, warning }];
  });
}

/**
 * What was not read, and could have said that sessions live longer here.
 *
 * @param site the pool or the virtual host that has the directory to itself
 */
export function lossesOf(
  group: readonly LocatedUsage[],
  ofMachine: readonly Loss[],
  site: string | null,
): Loss[] {
  const losses = [...ofMachine];
  for (const { usage, chosenBy, obstacle } of group) {
    const isOwnSite = isOfSite(usage, site);
    for (const warning of usage.warnings) {
      const { hides } = warning;
      if (hides === undefined || (hides === 0 && obstacle !== null)) continue;
      // Whoever collects a directory removes everyone's sessions in it.
      if (hides === 0) losses.push({ about: chosenBy === 0 ? null : chosenBy, warning });
      else if (isOwnSite) losses.push({ about: usage.runsAs?.uid ?? null, warning });
      if (isUser(hides)) losses.push({ about: hides, warning });
    }
  }
  return losses;
}

/** What the remedy names. */
export interface DoubtedStore {
  /** Its directory, by the path that an entry of sescle.toml would name; null: none can. */
  readonly directory: ByteString | null;
  readonly depth: number;
  readonly lifetimes: Lifetimes;
  /** That of sescle's own configuration, which names no lifetime. */
  readonly entry: StoreEntry | undefined;
}

export function doubtOf(losses: readonly Loss[], store: DoubtedStore): Doubt | null {
  if (losses.length === 0) return null;
  const ofEveryone = losses.filter(({ about }) => about === null);
  const uids = ofEveryone.length > 0 ? null : losses.flatMap(({ about }) => about ?? []);
  // What is about everyone comes first: that is to be settled first.
  const reasons = [
    ...new Set([...ofEveryone, ...losses].map(({ warning }) => describeWarning(warning))),
  ];
  const rest = reasons.length - maxTold;
  const remedies = [...new Set(losses.flatMap(({ warning }) => warning.remedy ?? []))];
  return {
    uids: uids && [...new Set(uids)].toSorted((a, b) => a - b),
    reasons: rest > 0 ? [...reasons.slice(0, maxTold), `and ${rest} more like these`] : reasons,
    remedy: [...remedies.slice(0, 1), howToSettle(store)].join('; or '),
  };
}

function howToSettle({ directory, depth, lifetimes, entry }: DoubtedStore): string {
  if (entry !== undefined)
    return `give the [[store]] in ${describeSource(entry.source)} a lifetime`;
  const known = [lifetimes.all ?? 0, ...lifetimes.byUid.values()];
  const longest = known.reduce((most, seconds) => Math.max(most, seconds), 0);
  const lifetimeSeconds =
    longest > 0 && longest < Number.MAX_SAFE_INTEGER ? longest : profiles.php.usualLifetimeSeconds;
  const lines =
    directory === null ? null : storeLines({ directory, depth, profile: 'php', lifetimeSeconds });
  return lines === null
    ? 'let sescle read what it could not read'
    : `if no session there lives longer, ${inOneLine(lines)}`;
}
