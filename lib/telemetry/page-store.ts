/**
 * One store on the status page: its own table, and room for its charts.
 *
 * Invariant: rows in a fixed order, told only where they say something; no state by colour alone.
 */
import prettyBytes from 'pretty-bytes';
import { shardText } from '../engine/shard.js';
import type { MonitoredStore } from '../monitor/status.js';
import { skipReasons } from '../native/boundary.js';
import { formatCount } from '../text/count.js';
import { doubtText } from '../text/doubt.js';
import { formatDuration } from '../text/duration.js';
import { storeFault } from './health.js';
import type { StoreHistory } from './history.js';
import { type Html, html } from './html.js';
import { stateMark } from './page-overview.js';
import { fromNowText, secondsText, unknown } from './page-words.js';
import { quantile } from './quantile.js';
import { stateOf } from './store-state.js';

/** All of it: a table, and what its charts are drawn of. */
export function storeSection(store: MonitoredStore, nowMs: number, history: StoreHistory): Html {
  const rows = storeRows(store, nowMs).map(
    ([label, text]) => html`<tr><th scope="row">${label}</th><td>${text}</td></tr>
`,
  );
  return html`<section class="store" data-store="${store.id}" aria-label="${store.path}">
<h2><span>${store.path}</span> ${stateMark(stateOf(store, nowMs))}</h2>
<table>
<caption class="hidden">The state of ${store.path}</caption>
<tbody>
${rows}</tbody>
</table>
<div class="charts" data-numbers="${JSON.stringify(numbersOf(store, nowMs, history))}"></div>
</section>`;
}

/** What page-charts.ts draws. */
function numbersOf(store: MonitoredStore, nowMs: number, history: StoreHistory) {
  const { sessions, removed, lateness, maxLatenessSeconds, expiriesByMinute, ages } = store;
  return {
    atMs: [...history.atMs, nowMs],
    sessions: [...history.sessions, sessions],
    removed: [...history.removed, removed],
    lateness: { bounds: lateness.bounds, counts: lateness.counts },
    maxLatenessSeconds,
    expiriesByMinute,
    ages,
  };
}

/** @returns labels and texts */
export function storeRows(store: MonitoredStore, nowMs: number): (readonly [string, string])[] {
  const fault = storeFault(store);
  const rows: (readonly [string, string | null])[] = [
    ['Problem', fault],
    ['Sessions', store.sessions === null ? unknown : formatCount(store.sessions)],
    ['Next expiry', nextExpiryText(store, nowMs)],
    ['Due soon', dueSoonText(store)],
    ['Removed', removedText(store)],
    ['Removed by', removerText(store, nowMs)],
    ['Would remove', store.wouldRemove === 0 ? null : formatCount(store.wouldRemove)],
    ['Lateness', latenessText(store)],
    ['Oldest', store.oldestAgeSeconds === null ? null : secondsText(store.oldestAgeSeconds)],
    ['Lifetime', lifetimeText(store)],
    ['Shard', store.shard === null ? null : shardText(store.shard)],
    [
      'Kept',
      listText(skipReasons.map((reason) => [reason.replace('_', ' '), store.skipped[reason]])),
    ],
    ['Warnings', store.warnings.length === 0 ? null : store.warnings.join('; ')],
    ['Clock', clockText(store)],
    ['Uncertain', store.doubt === null ? null : doubtText(store.doubt)],
    ['Already gone', store.vanished === 0 ? null : formatCount(store.vanished)],
    ['Errors', listText(Object.entries(store.errors))],
    ['Scans', scansText(store, nowMs)],
    ['Next scan', store.nextScanAtMs === null ? null : fromNowText(store.nextScanAtMs, nowMs)],
    // A table has none.
    ['Index', store.indexBytes === 0 ? null : prettyBytes(store.indexBytes, { binary: true })],
    ['Free inodes', store.inodesFreeRatio === null ? null : percentText(store.inodesFreeRatio)],
    ['Used by', store.usedBy.length === 0 ? null : store.usedBy.join(', ')],
  ];
  return rows.filter((row): row is readonly [string, string] => row[1] !== null);
}

function nextExpiryText({ nextExpiryAt }: MonitoredStore, nowMs: number): string {
  return nextExpiryAt === null ? unknown : fromNowText(nextExpiryAt * 1000, nowMs);
}

function dueSoonText({ expiriesByMinute }: MonitoredStore): string | null {
  if (expiriesByMinute.length === 0) return null;
  const due = (minutes: number) =>
    formatCount(expiriesByMinute.slice(0, minutes).reduce((sum, count) => sum + count, 0));
  return `${due(10)} in 10m, ${due(60)} in 1h`;
}

function removedText({ removed, bytesFreed }: MonitoredStore): string {
  const freed =
    removed === 0 || bytesFreed === 0
      ? ''
      : ` (${prettyBytes(bytesFreed, { binary: true })} freed)`;
  return `${formatCount(removed)}${freed}`;
}

/** Null: this monitor, which need not be said. */
function removerText({ leftToOthersSinceMs }: MonitoredStore, nowMs: number): string | null {
  if (leftToOthersSinceMs === null) return null;
  const since = formatDuration(Math.round((nowMs - leftToOthersSinceMs) / 1000), 2);
  return `another sescle, for ${since}; this one checks that they are gone`;
}

function latenessText({ lateness, maxLatenessSeconds }: MonitoredStore): string {
  const half = quantile(lateness, 0.5);
  const most = quantile(lateness, 0.99);
  if (half === null || most === null) return unknown;
  const max = maxLatenessSeconds === null ? '' : `, max ${secondsText(maxLatenessSeconds)}`;
  return `p50 ${secondsText(half)}, p99 ${secondsText(most)}${max}`;
}

function lifetimeText({ maxLifetime, grace, depth }: MonitoredStore): string {
  const added = grace === 0 ? '' : ` + ${formatDuration(grace)} grace`;
  const own = maxLifetime === 0 ? 'of each session' : formatDuration(maxLifetime);
  return `${own}${added}${depth === 0 ? '' : `, depth ${depth}`}`;
}

/** Of its database, which decides what is expired. */
function clockText({ clockAheadSeconds: ahead }: MonitoredStore): string | null {
  if (ahead === null) return null;
  const side = ahead < 0 ? 'behind' : 'ahead of';
  return `${secondsText(Math.abs(ahead))} ${side} this machine's`;
}

function scansText(
  { scans, lastScanAtMs, lastScanDurationMs }: MonitoredStore,
  nowMs: number,
): string {
  if (lastScanAtMs === null) return formatCount(scans);
  const took =
    lastScanDurationMs === null ? '' : ` (took ${secondsText(lastScanDurationMs / 1000)})`;
  return `${formatCount(scans)}, last ${fromNowText(lastScanAtMs, nowMs)}${took}`;
}

function percentText(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))} %`;
}

function listText(counts: readonly (readonly [string, number])[]): string | null {
  const told = counts.filter(([, count]) => count > 0);
  return told.length === 0
    ? null
    : told.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ');
}
