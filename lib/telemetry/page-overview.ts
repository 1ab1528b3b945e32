/**
 * All stores on the status page: a table with a line for each, the worst first.
 *
 * Invariant: one line a store that is well, and one more with the reason for one that is not; the same
 * without its script. The roles outlive the style's other displays.
 */
import type { MonitoredStore, MonitorStatus } from '../monitor/status.js';
import { formatCount } from '../text/count.js';
import { storeFault } from './health.js';
import type { StoreHistory } from './history.js';
import { type Html, html } from './html.js';
import { fromNowText, secondsText, unknown } from './page-words.js';
import { quantile } from './quantile.js';
import { sparkline } from './sparkline.js';
import { notWatched, type StateOfStore, stateOf } from './store-state.js';

/** Stores that are shown; a page of thousands is no use to anyone. */
export const maxStoresShown = 1000;

/** A cell: what is shown, and what it is sorted by where that is a number. */
interface Cell {
  readonly shown: string | Html | [];
  readonly value?: number | undefined;
}

interface Column {
  readonly name: string;
  /** Of the style: `numbers` are to the right, `wide` only where there is room. */
  readonly className: string;
  /** Whether a click on its head has the largest first. */
  readonly isLargestFirst: boolean;
}

const columns: readonly Column[] = [
  { name: 'State', className: 'state-cell', isLargestFirst: false },
  { name: 'Sessions', className: 'numbers', isLargestFirst: true },
  { name: 'Last hour', className: 'trend', isLargestFirst: true },
  { name: 'Removed', className: 'numbers wide', isLargestFirst: true },
  { name: 'Next expiry', className: 'numbers wide', isLargestFirst: false },
  { name: 'Late (p99)', className: 'numbers wide', isLargestFirst: true },
];

/** A sign, and a word that says the same. */
export function stateMark({ words, tone }: StateOfStore): Html {
  const sign = { bad: '▲', caution: '◆', good: '●' }[tone];
  return html`<span class="state ${tone}"><span aria-hidden="true">${sign}</span> ${words}</span>`;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly state: StateOfStore;
  /** Why, where it is not well. */
  readonly reason: string | null;
  readonly isLink: boolean;
  readonly cells: readonly Cell[];
}

export function overview(status: MonitorStatus, historyOf: (id: string) => StoreHistory): Html {
  const rows = [
    ...status.blocked.map(({ id, reason }) => blockedRow(id, reason)),
    ...status.stores.map((store) => storeRow(store, status.nowMs, historyOf(store.id))),
  ];
  const shown = rows.sort(worstFirst).slice(0, maxStoresShown);
  const heads = columns.map(
    ({ name, className, isLargestFirst }) =>
      html`<th role="columnheader" scope="col" class="${className}" data-sort="${isLargestFirst ? 'down' : 'up'}">${name}</th>`,
  );
  return html`<section class="overview" aria-label="All stores">
<div class="tools" data-keep></div>
<table role="table">
<caption class="hidden">All stores, the worst first</caption>
<thead role="rowgroup" data-keep><tr role="row"><th role="columnheader" scope="col" data-sort="up">Store</th>${heads}</tr></thead>
<tbody role="rowgroup">
${shown.map((row) => rowHtml(row))}</tbody>
</table>
</section>`;
}

function rowHtml({ id, name, state, reason, isLink, cells }: Row): Html {
  const label = isLink ? html`<a href="${storeLink(id)}">${name}</a>` : html`<span>${name}</span>`;
  const why = reason === null ? [] : html`<small class="why">${reason}</small>`;
  const rest = cells.map(
    ({ shown, value }, at) =>
      html`<td role="cell" class="${columns[at]?.className ?? ''}" data-value="${value ?? ''}">${shown}</td>`,
  );
  return html`<tr role="row" class="row" data-store="${id}" data-tone="${state.tone}"><th role="rowheader" scope="row">${label}${why}</th>${rest}</tr>
`;
}

/** The page of one store. */
export function storeLink(id: string): string {
  return `?store=${encodeURIComponent(id)}`;
}

/** In the order of their names where they are alike, so that lines stay where they are. */
function worstFirst(a: Row, b: Row): number {
  return a.state.rank - b.state.rank || (a.name < b.name ? -1 : 1);
}

function blockedRow(id: string, reason: string): Row {
  const empty = columns.slice(1).map(() => ({ shown: unknown }));
  const cells = [{ shown: stateMark(notWatched), value: notWatched.rank }, ...empty];
  const why = `cannot be watched: ${reason}`;
  return { id, name: id, state: notWatched, reason: why, isLink: false, cells };
}

function storeRow(store: MonitoredStore, nowMs: number, { atMs, sessions }: StoreHistory): Row {
  const { nextExpiryAt } = store;
  const state = stateOf(store, nowMs);
  const late = quantile(store.lateness, 0.99);
  return {
    id: store.id,
    name: store.path,
    state,
    reason: store.problem === null ? null : storeFault(store),
    isLink: true,
    cells: [
      { shown: stateMark(state), value: state.rank },
      number(store.sessions, formatCount),
      { shown: sparkline({ atMs, values: sessions }, 'sessions'), value: changeOf(sessions) },
      number(store.removed, formatCount),
      number(nextExpiryAt, (seconds) => fromNowText(seconds * 1000, nowMs)),
      number(late, secondsText),
    ],
  };
}

function number(value: number | null, text: (value: number) => string): Cell {
  return value === null ? { shown: unknown } : { shown: text(value), value };
}

/** By how much it grew. */
function changeOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  const [first] = known;
  const last = known.at(-1);
  return first === undefined || last === undefined ? undefined : last - first;
}
