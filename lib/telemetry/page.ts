/**
 * The status page: all stores in one table, and a page for each; both say everything without JavaScript.
 *
 * Invariant: one document that loads nothing else. Everything of a snapshot goes through html``,
 * which escapes it: anyone who can configure a pool can name a store.
 */
import type { MonitoredStore, MonitorStatus } from '../monitor/status.js';
import { plural } from '../text/count.js';
import { cautionsOf, faultsOf } from './health.js';
import type { StoreHistory } from './history.js';
import { Html, html } from './html.js';
import { maxStoresShown, overview } from './page-overview.js';
import { pageScript } from './page-script.js';
import { storeSection } from './page-store.js';
import { pageStyle } from './page-style.js';
import { fromNowText } from './page-words.js';

/** What was a store's lot in the last hour. */
export type HistoryOf = (id: string) => StoreHistory;

/** The store that is all there is; its page is that of all. Null: there are more, or none. */
export function onlyStore({ stores, blocked }: MonitorStatus): MonitoredStore | null {
  const [first = null, ...others] = stores;
  return others.length === 0 && blocked.length === 0 ? first : null;
}

/**
 * The page of all stores.
 *
 * @param only onlyStore(), whole: in the status `ages` and `expiriesByMinute` may be empty
 */
export function statusPage(
  status: MonitorStatus,
  historyOf: HistoryOf,
  only: MonitoredStore | null = onlyStore(status),
): string {
  const count = status.stores.length + status.blocked.length;
  const left = count - maxStoresShown;
  const all = count === 0 ? [] : overview(status, historyOf);
  return documentOf(
    summary(status),
    html`${head(status)}
${warnings(status)}
${only === null ? all : storeSection(only, status.nowMs, historyOf(only.id))}
${left > 0 ? html`<p class="note">${plural(left, 'more store')}: see <a href="api/status">api/status</a>.</p>` : []}
${notCollected(status)}`,
  );
}

/** The page of one store. */
export function storePage(store: MonitoredStore, nowMs: number, historyOf: HistoryOf): string {
  return documentOf(
    store.path,
    html`<p><a href="./">All stores</a>, at ${timeText(nowMs)}</p>
${storeSection(store, nowMs, historyOf(store.id))}`,
  );
}

function documentOf(title: string, content: Html): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>sescle: ${title}</title>
${new Html(`<style>${pageStyle}</style>`)}
</head>
<body>
<div id="notice" class="notice" role="status"></div>
<main>
${content}
</main>
<noscript><p class="note">The charts need JavaScript. Load the page again for newer numbers.</p></noscript>
${new Html(`<script>${pageScript}</script>`)}
</body>
</html>
`.text;
}

function summary(status: MonitorStatus): string {
  const unwell = faultsOf(status).length;
  const all = status.stores.length + status.blocked.length;
  return unwell === 0
    ? 'all is well'
    : `${unwell} of ${plural(all, 'store')} ${unwell === 1 ? 'is' : 'are'} not well`;
}

function head(status: MonitorStatus): Html {
  const { stores, version, pid, startedAtMs, nowMs, dryRun } = status;
  const sum = (value: (store: (typeof stores)[number]) => number) =>
    stores.reduce((total, store) => total + value(store), 0);
  return html`<header>
<h1>sescle <small>${version}</small></h1>
<p>${plural(stores.length, 'store')}, ${plural(
    sum(({ sessions }) => sessions ?? 0),
    'session',
  )}, ${plural(
    sum(({ removed }) => removed),
    'session',
  )} removed since it started ${fromNowText(startedAtMs, nowMs)}; ${summary(status)}.</p>
<p>At ${timeText(nowMs)}, process ${pid}. <a href="metrics">Metrics</a>, <a href="healthz">health</a>, <a href="api/status">JSON</a>.</p>
${dryRun ? html`<p><strong>Dry run: nothing is removed.</strong></p>` : []}
</header>`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}

function warnings(status: MonitorStatus): Html | [] {
  const { stores, blocked } = status;
  const isNone = stores.length === 0 && blocked.length === 0;
  const all = [
    ...(isNone ? ['No store was found yet.'] : []),
    ...cautionsOf(status),
    ...status.warnings,
  ];
  if (all.length === 0) return [];
  return html`<section aria-label="Warnings">
<h2>Warnings</h2>
<ul>${all.map((text) => html`<li>${text}</li>`)}</ul>
</section>`;
}

function notCollected({ notCollected: stores }: MonitorStatus): Html | [] {
  if (stores.length === 0) return [];
  const rows = stores
    .slice(0, maxStoresShown)
    .map(({ id, reason }) => html`<tr><th scope="row">${id}</th><td>${reason}</td></tr>`);
  return html`<section class="left-alone" aria-label="Stores that are left alone">
<h2>Left alone</h2>
<table><thead><tr><th scope="col">Store</th><th scope="col">Why</th></tr></thead><tbody>${rows}</tbody></table>
</section>`;
}
