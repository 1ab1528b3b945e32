/**
 * What the status page runs in the browser: every few seconds it takes new texts from the page itself,
 * and from the pages of the stores that are unfolded, and draws their charts.
 *
 * Invariant: plain ES2020 that needs nothing else. It makes elements and sets texts, never markup from
 * strings (a new page is parsed into a document that runs nothing), and styles by classes alone: the
 * content security policy names this text by its hash and allows no other script or style.
 */
import { chartScript } from './page-charts.js';
import { tableScript } from './page-table-script.js';

const main = `
const periodMs = 2000;
const manyRows = 100;
const periodOfManyMs = 5000;

async function load(path) {
  const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(10 * periodMs) });
  if (!response.ok) throw Object.assign(new Error(path + ' was answered with ' + response.status), { status: response.status });
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

async function tick() {
  const fresh = await load('./' + location.search);
  document.title = fresh.title;
  morph(document.querySelector('main'), fresh.querySelector('main'));
  for (const id of [...details.keys()]) await refreshDetail(id);
  drawCharts();
}

const keyOf = (node) =>
  node.nodeType === Node.ELEMENT_NODE
    ? node.nodeName + ' ' + (node.dataset.store || node.getAttribute('aria-label') || '')
    : node.nodeName;

/* Makes old like fresh, and leaves alone what is the same: a selection and a reader's place stay. */
function morph(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE || 'keep' in old.dataset) return;
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.className === 'charts') return;
  const unused = new Map();
  for (const node of old.childNodes) {
    const key = keyOf(node);
    if (unused.has(key)) unused.get(key).push(node);
    else unused.set(key, [node]);
  }
  const wanted = [...fresh.childNodes].map((node) => {
    const same = (unused.get(keyOf(node)) || []).shift();
    if (same) morph(same, node);
    return same || node;
  });
  arrange(old, old.matches('.overview tbody') ? inOrder(wanted) : wanted);
}

/* Moves no node that is in its place. */
function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const node of [...parent.childNodes]) if (!kept.has(node)) node.remove();
  let next = parent.firstChild;
  for (const node of wanted) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

function drawCharts() {
  for (const charts of document.querySelectorAll('.charts')) {
    if (charts.drawnOf === charts.dataset.numbers) continue;
    charts.drawnOf = charts.dataset.numbers;
    charts.replaceChildren(...storeCharts(JSON.parse(charts.dataset.numbers)));
  }
}

function tell(text) {
  const notice = document.getElementById('notice');
  if (notice.textContent !== text) notice.textContent = text;
}

async function run() {
  document.documentElement.classList.add('scripted');
  drawCharts();
  for (;;) {
    setUpTable();
    const rows = document.querySelectorAll('.row').length;
    await new Promise((resolve) => setTimeout(resolve, rows > manyRows ? periodOfManyMs : periodMs));
    try {
      await tick();
      tell('');
    } catch (error) {
      tell('No answer: the page is out of date. (' + error.message + ')');
    }
  }
}

run();
`;

/** The text between the tags. */
export const pageScript: string = `'use strict';{${chartScript}${tableScript}${main}}`;
