/**
 * What people should know about a store: collectors that run beside sescle, doors that stand open,
 * settings that contradict each other.
 *
 * Invariant: each warning is one printable line about this store, each kind at most once; nothing
 * here decides anything.
 */
import { printable } from '../php/byte-string.js';
import { parseQuantity } from '../php/ini/quantity.js';
import { describeSource } from '../php/provenance.js';
import { formatDuration } from '../text/duration.js';
import type { Lifetimes } from './lifetimes.js';
import type { LocatedUsage } from './located-usage.js';

/** PHP's own default of 24 minutes is for people; less than a minute logs them out while they read. */
const shortLifetimeSeconds = 60;

export function storeWarnings(group: readonly LocatedUsage[], lifetimes: Lifetimes): string[] {
  return [
    ...collectorWarnings(group),
    ...directoryWarnings(group),
    ...lifetimeWarnings(group, lifetimes),
    ...unheededWarnings(group),
    ...new Set(group.flatMap(({ usage }) => usage.warnings.map(describeWarning))),
  ];
}

function describeWarning({ message, source }: LocatedUsage['usage']['warnings'][number]): string {
  return source === undefined ? message : `${describeSource(source)}: ${message}`;
}

function collectorWarnings(group: readonly LocatedUsage[]): string[] {
  const isNested = group.some(({ depth, handler }) => depth > 0 && handler === 'files');
  if (isNested) return ['nested directories: PHP itself collects nothing here'];
  const collecting = group.find(({ usage, handler }) => {
    const probability = usage.settings.get('session.gc_probability');
    return (
      handler === 'files' &&
      probability !== undefined &&
      parseQuantity(probability.value).value > 0n
    );
  });
  const probability = collecting?.usage.settings.get('session.gc_probability');
  if (collecting === undefined || probability === undefined) return [];
  const divisor = collecting.usage.settings.get('session.gc_divisor')?.value ?? '100';
  return [
    `PHP's own collector is on in ${collecting.usage.label} (${printable(probability.value)} in ${printable(divisor)} requests, ${describeSource(probability.source)}): it ignores locks; session.gc_probability = 0 leaves the work to sescle`,
  ];
}

function directoryWarnings([first]: readonly LocatedUsage[]): string[] {
  const stat = first?.place?.stat;
  if (stat === undefined || !stat.isDirectory()) return [];
  const isOpen = (stat.mode & 0o002) !== 0 && (stat.mode & 0o1000) === 0;
  return isOpen
    ? [
        "everyone may write to the directory, and without the sticky bit remove anyone's sessions: chmod +t",
      ]
    : [];
}

function lifetimeWarnings(group: readonly LocatedUsage[], { all, byUid }: Lifetimes): string[] {
  const warnings: string[] = [];
  const bySeconds = new Map<bigint, string>();
  for (const { usage, lifetime, lifetimeSeconds, obstacle } of group) {
    if (obstacle !== null || lifetime === null || lifetimeSeconds === null) continue;
    if (!bySeconds.has(lifetimeSeconds)) {
      bySeconds.set(
        lifetimeSeconds,
        `${lifetimeSeconds} s for ${usage.label} (${describeSource(lifetime.source)})`,
      );
    }
    const { complaint } = parseQuantity(lifetime.value);
    if (complaint !== null) warnings.push(`session.gc_maxlifetime: ${complaint}`);
  }
  if (bySeconds.size > 1) {
    warnings.push(`one directory with different lifetimes: ${[...bySeconds.values()].join(', ')}`);
  }
  const shortest = Math.min(...[all, ...byUid.values()].filter((seconds) => seconds !== null));
  if (shortest > 0 && shortest < shortLifetimeSeconds) {
    warnings.push(`sessions live only ${formatDuration(shortest)}`);
  }
  return [...new Set(warnings)];
}

function unheededWarnings(group: readonly LocatedUsage[]): string[] {
  const isHeeded = group.some(({ obstacle }) => obstacle === null);
  if (!isHeeded) return [];
  const unheeded = group.filter(({ obstacle }) => obstacle !== null);
  return [
    ...new Set(unheeded.map(({ usage, obstacle }) => `${usage.label} is not heeded: ${obstacle}`)),
  ];
}
