/**
 * What people should know about a store: collectors that run beside sescle, doors that stand open,
 * settings that contradict each other.
 *
 * Invariant: each warning is one printable line about this store, each kind at most once; nothing
 * here decides anything.
 */
import { printable } from '../php/byte-string.js';
import { parseQuantity } from '../php/ini/quantity.js';
import { describeSource, describeWarning } from '../php/provenance.js';
import { formatDuration } from '../text/duration.js';
import type { Lifetimes } from './lifetimes.js';
import type { LocatedUsage } from './located-usage.js';

/** PHP's own default of 24 minutes is for people; less than a minute logs them out while they read. */
const shortLifetimeSeconds = 60;

/** How many of a kind are told: whoever can make ten thousand of them shall not fill the screen. */
const maxTold = 10;

/** How the warnings that others look for begin. */
export const warningOpenings = {
  ownCollector: "PHP's own collector is on",
  differentLifetimes: 'different lifetimes for one directory',
  shortLifetime: 'sessions live only',
} as const;

/** @param site the one that has the directory to itself */
export function storeWarnings(
  group: readonly LocatedUsage[],
  lifetimes: Lifetimes,
  site: string | null = null,
): string[] {
  const heeded = group.filter(({ obstacle }) => obstacle === null);
  return [
    ...collectorWarnings(heeded.length > 0 ? heeded : group),
    ...directoryWarnings(group),
    ...lifetimeWarnings(heeded, lifetimes),
    ...(site === null ? lengtheningWarnings(group, lifetimes) : []),
    ...unheededWarnings(group),
    ...firstFew([...new Set(group.flatMap(({ usage }) => usage.warnings.map(describeWarning)))]),
  ];
}

function firstFew(warnings: readonly string[]): string[] {
  const rest = warnings.length - maxTold;
  return rest > 0 ? [...warnings.slice(0, maxTold), `and ${rest} more like these`] : [...warnings];
}

function collectorWarnings(group: readonly LocatedUsage[]): string[] {
  const isNested = group.some(({ depth, handler }) => depth > 0 && handler === 'files');
  const nested = isNested ? ["nested directories: PHP's own collector removes nothing here"] : [];
  const collecting = group.find(({ usage, depth, handler }) => {
    const probability = usage.settings.get('session.gc_probability');
    return (
      handler === 'files' &&
      depth === 0 &&
      probability !== undefined &&
      parseQuantity(probability.value).value > 0n
    );
  });
  const probability = collecting?.usage.settings.get('session.gc_probability');
  if (collecting === undefined || probability === undefined) return nested;
  const divisor = collecting.usage.settings.get('session.gc_divisor')?.value ?? '100';
  return [
    ...nested,
    `${warningOpenings.ownCollector} in ${collecting.usage.label} (${printable(probability.value)} in ${printable(divisor)} requests, ${describeSource(probability.source)}): it removes locked sessions too; set session.gc_probability = 0 and leave the work to sescle`,
  ];
}

function directoryWarnings([first]: readonly LocatedUsage[]): string[] {
  const stat = first?.place?.stat;
  if (stat === undefined || !stat.isDirectory()) return [];
  const isOpen = (stat.mode & 0o002) !== 0 && (stat.mode & 0o1000) === 0;
  return isOpen
    ? [
        "anyone can remove anyone's sessions: the directory is world-writable without the sticky bit; fix it with chmod +t",
      ]
    : [];
}

function lifetimeWarnings(heeded: readonly LocatedUsage[], { all, byUid }: Lifetimes): string[] {
  const warnings: string[] = [];
  const bySeconds = new Map<bigint, string>();
  for (const { usage, lifetime, lifetimeSeconds } of heeded) {
    if (lifetime === null || lifetimeSeconds === null) continue;
    if (!bySeconds.has(lifetimeSeconds)) {
      bySeconds.set(
        lifetimeSeconds,
        `${lifetimeSeconds} s for ${usage.label} (${describeSource(lifetime.source)})`,
      );
    }
    const { complaint } = parseQuantity(lifetime.value);
    if (complaint !== null)
      warnings.push(`${describeSource(lifetime.source)}: session.gc_maxlifetime: ${complaint}`);
  }
  if (bySeconds.size > 1) {
    const told = firstFew([...bySeconds.values()]).join(', ');
    warnings.push(`${warningOpenings.differentLifetimes}: ${told}`);
  }
  for (const [uid, seconds] of byUid) {
    if (seconds <= 0)
      warnings.push(
        `session.gc_maxlifetime is ${seconds} for uid ${uid}: that user's sessions are never removed`,
      );
  }
  const shortest = [all ?? 0, ...byUid.values()].reduce(
    (least, seconds) => (seconds > 0 ? Math.min(least, seconds) : least),
    Infinity,
  );
  if (shortest < shortLifetimeSeconds) {
    warnings.push(`${warningOpenings.shortLifetime} ${formatDuration(shortest)}`);
  }
  return firstFew([...new Set(warnings)]);
}

/** Of a user's file, which PHP uses whoever wrote it. */
function lengtheningWarnings(group: readonly LocatedUsage[], { all, byUid }: Lifetimes): string[] {
  const warnings = group.flatMap(({ usage, lifetime, lifetimeSeconds }) => {
    if (usage.isUserFile !== true || lifetime === null || lifetimeSeconds === null) return [];
    const writer = usage.runsAs?.uid ?? null;
    const own = writer === null ? all : (byUid.get(writer) ?? all);
    if (lifetime.setBy === 0 || own === null || Number(lifetimeSeconds) <= own) return [];
    return [
      `${describeSource(lifetime.source)} asks PHP for ${lifetimeSeconds} s, but others keep sessions here too: they live for ${own} s. Set session.gc_maxlifetime in the pool or virtual host, or give it a session.save_path of its own`,
    ];
  });
  return firstFew([...new Set(warnings)]);
}

function unheededWarnings(group: readonly LocatedUsage[]): string[] {
  const isHeeded = group.some(({ obstacle }) => obstacle === null);
  if (!isHeeded) return [];
  const unheeded = group.filter(({ obstacle }) => obstacle !== null);
  return firstFew([
    ...new Set(unheeded.map(({ usage, obstacle }) => `${usage.label} is ignored: ${obstacle}`)),
  ]);
}
