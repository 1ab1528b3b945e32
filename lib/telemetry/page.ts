/**
 * The status page: every store in a table that needs no JavaScript, and room for the charts that the
 * script draws.
 *
 * Invariant: one document that loads nothing else. Everything of a snapshot goes through html``,
 * which escapes it: stores are named by whoever can configure a pool.
 */
import type { MonitorStatus } from '../monitor/status.js';
import { plural } from '../text/count.js';
import { cautionsOf, faultsOf, storeFault } from './health.js';
import { Html, html } from './html.js';
import { pageScript } from './page-script.js';
import { overview, stateMark, storeRows } from './page-store.js';
import { pageStyle } from './page-style.js';
import { fromNowText } from './page-words.js';

/** Stores that are shown; a page of thousands is no use to anyone. */
export const maxStoresShown = 100;

/** @returns a whole HTML document */
export function statusPage(status: MonitorStatus): string {
  const shown = [...status.stores].sort(unwellFirst).slice(0, maxStoresShown);
  const left = status.stores.length - shown.length;
  const style = new Html(`<style>${pageStyle}</style>`);
  const script = new Html(`<script>${pageScript}</script>`);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>sescle: ${summary(status)}</title>
${style}
</head>
<body>
<div id="notice" class="notice" role="status"></div>
<main>
${head(status)}
${warnings(status)}
${shown.length > 1 ? overview(shown, status.nowMs) : []}
${shown.map(
  (store) => html`<section class="store" data-store="${store.id}" aria-label="${store.path}">
<h2><span>${store.path}</span> ${stateMark(store)}</h2>
<table>
<caption class="hidden">The state of ${store.path}</caption>
<tbody>
${storeRows(store, status.nowMs).map(
  ([label, text]) => html`<tr><th scope="row">${label}</th><td>${text}</td></tr>
`,
)}</tbody>
</table>
<div class="charts"></div>
</section>
`,
)}
${left > 0 ? html`<p class="note">${plural(left, 'more store')}: see <a href="api/status">api/status</a>.</p>` : []}
${notCollected(status)}
</main>
<noscript><p class="note">The charts need JavaScript. Load the page again for newer numbers.</p></noscript>
${script}
</body>
</html>
`.text;
}

function unwellFirst(
  a: MonitorStatus['stores'][number],
  b: MonitorStatus['stores'][number],
): number {
  return Number(storeFault(a) === null) - Number(storeFault(b) === null);
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
  )} removed since it began ${fromNowText(startedAtMs, nowMs)}; ${summary(status)}.</p>
<p>At ${new Date(nowMs).toISOString().replace(/\.\d+/, '')}, process ${pid}. <a href="metrics">Metrics</a>, <a href="healthz">health</a>, <a href="api/status">JSON</a>.</p>
${dryRun ? html`<p><strong>Dry run: nothing is removed.</strong></p>` : []}
</header>`;
}

function warnings(status: MonitorStatus): Html | [] {
  const all = [
    ...(status.stores.length > 0 ? [] : ['No store was found yet.']),
    ...status.blocked.map(({ id, reason }) => `${id} cannot be watched: ${reason}`),
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
  return html`<section aria-label="Stores that are left alone">
<h2>Left alone</h2>
<table><thead><tr><th scope="col">Store</th><th scope="col">Why</th></tr></thead><tbody>${rows}</tbody></table>
</section>`;
}
