/**
 * What the status page runs in the browser: every two seconds it takes the tables' new texts from the
 * page itself and draws charts from /api/status.
 *
 * Invariant: plain ES2020 that needs nothing else. It makes elements and sets texts, never markup from
 * strings (the new page is parsed into a document that runs nothing), and styles by classes alone: the
 * content security policy names this text by its hash and allows no other script or style.
 */
import { chartScript } from './page-charts.js';

const main = `
const periodMs = 2000;
const pointsKept = 450;
const histories = new Map();
let startedAtMs = null;

async function load(path, read) {
  const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(10 * periodMs) });
  if (!response.ok) throw new Error(path + ' was answered with ' + response.status);
  return read(response);
}

async function tick() {
  const [status, page] = await Promise.all([
    load('api/status', (response) => response.json()),
    load('./', (response) => response.text()),
  ]);
  const fresh = new DOMParser().parseFromString(page, 'text/html');
  document.title = fresh.title;
  morph(document.querySelector('main'), fresh.querySelector('main'));
  remember(status);
  const stores = new Map(status.stores.map((store) => [store.id, store]));
  for (const section of document.querySelectorAll('.store')) {
    const store = stores.get(section.dataset.store);
    const points = histories.get(section.dataset.store);
    if (store) section.querySelector('.charts').replaceChildren(...storeCharts(store, points));
  }
}

/* Makes old like fresh, and leaves alone what is the same: a selection and a reader's place stay. */
function morph(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE || old.className === 'charts') return;
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  const isAlike = before.length === after.length &&
    before.every((node, at) => node.nodeName === after[at].nodeName);
  if (isAlike) before.forEach((node, at) => morph(node, after[at]));
  else old.replaceChildren(...after);
}

function remember(status) {
  if (startedAtMs !== status.startedAtMs) histories.clear();
  startedAtMs = status.startedAtMs;
  const known = new Set(status.stores.map((store) => store.id));
  for (const id of histories.keys()) if (!known.has(id)) histories.delete(id);
  for (const { id, sessions, removed } of status.stores) {
    const points = histories.get(id) || [];
    histories.set(id, points);
    const last = points[points.length - 1];
    if (last && last.atMs >= status.nowMs) continue;
    const seconds = last ? (status.nowMs - last.atMs) / 1000 : 0;
    points.push({
      atMs: status.nowMs,
      sessions,
      removed,
      rate: last ? (removed - last.removed) / seconds : null,
    });
    if (points.length > pointsKept) points.shift();
  }
}

function tell(text) {
  const notice = document.getElementById('notice');
  if (notice.textContent !== text) notice.textContent = text;
}

async function run() {
  document.documentElement.classList.add('scripted');
  for (;;) {
    try {
      await tick();
      tell('');
    } catch (error) {
      tell('No answer: what is shown is not new. (' + error.message + ')');
    }
    await new Promise((resolve) => setTimeout(resolve, periodMs));
  }
}

run();
`;

/** The text between the tags. */
export const pageScript: string = `'use strict';{${chartScript}${main}}`;
