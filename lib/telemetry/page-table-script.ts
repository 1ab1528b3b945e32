/**
 * The table of all stores in the browser: sorted by a click on a head, filtered by words, and each line
 * unfolds to its store's table and charts.
 *
 * Invariant: what the reader chose outlives new numbers; nothing is sorted or hidden that was not asked
 * for. Every control is one for the keyboard too.
 */
export const tableScript: string = `
/* The lines that are unfolded: a store's id -> its row. */
const details = new Map();
let order = null;
let filter = { words: [], isTroubleOnly: false };

function made(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
}

const tbody = () => document.querySelector('.overview tbody');

/* Once for each table that comes up. */
function setUpTable() {
  const tools = document.querySelector('.overview .tools');
  if (!tools || tools.hasChildNodes()) return;
  const words = made('input', { type: 'search', id: 'filter', autocomplete: 'off', spellcheck: 'false' });
  const trouble = made('input', { type: 'checkbox' });
  const choose = () => {
    filter = { words: words.value.toLowerCase().split(/\\s+/).filter(Boolean), isTroubleOnly: trouble.checked };
    applyFilter();
  };
  words.addEventListener('input', choose);
  trouble.addEventListener('change', choose);
  tools.append(
    made('label', { for: 'filter' }, 'Filter'),
    words,
    made('label', {}, trouble, ' only what is not on time'),
    made('output', { for: 'filter' }),
  );
  document.querySelectorAll('.overview thead th').forEach((head, column) => {
    const button = made('button', { type: 'button' }, head.textContent);
    button.addEventListener('click', () => sortBy(column, head));
    head.replaceChildren(button);
  });
  tbody().addEventListener('click', (event) => {
    const link = event.target.closest('.row a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    unfold(link.closest('.row').dataset.store);
  });
  markLinks();
}

/* First as its head says, then the other way round, then as the page has it. */
function sortBy(column, head) {
  const first = head.dataset.sort === 'up' ? 1 : -1;
  const isSame = order && order.column === column;
  if (!isSame) order = { column, direction: first };
  else order = order.direction === first ? { column, direction: -first } : null;
  for (const one of document.querySelectorAll('.overview thead th')) one.removeAttribute('aria-sort');
  if (order) head.setAttribute('aria-sort', order.direction > 0 ? 'ascending' : 'descending');
  arrange(tbody(), inOrder([...tbody().childNodes]));
}

/* The rows as they are to be shown, each with what it was unfolded to. */
function inOrder(nodes) {
  const rows = nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE && node.matches('.row'));
  rows.sort(order ? compareRows : worstFirst);
  queueMicrotask(() => {
    markLinks();
    applyFilter();
  });
  return rows.flatMap((row) => {
    const detail = details.get(row.dataset.store);
    return detail ? [row, detail] : [row];
  });
}

const nameOf = (row) => row.cells[0].firstChild.textContent;
const valueOf = (row, column) => row.cells[column].dataset.value;
const byName = (a, b) => (nameOf(a) < nameOf(b) ? -1 : 1);
const worstFirst = (a, b) => valueOf(a, 1) - valueOf(b, 1) || byName(a, b);

/* What is not known is last, whichever way. */
function compareRows(a, b) {
  const { column, direction } = order;
  if (column === 0) return direction * byName(a, b);
  const [left, right] = [valueOf(a, column), valueOf(b, column)];
  if (left === '' || right === '') return (left === '') - (right === '') || byName(a, b);
  return direction * (left - right) || byName(a, b);
}

function applyFilter() {
  const rows = [...tbody().querySelectorAll('.row')];
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const isTrouble = row.dataset.tone !== 'good';
    const isShown = filter.words.every((word) => text.includes(word)) && (isTrouble || !filter.isTroubleOnly);
    shown += isShown ? 1 : 0;
    if (row.hidden === isShown) row.hidden = !isShown;
    const detail = details.get(row.dataset.store);
    if (detail) detail.hidden = !isShown;
  }
  const told = shown === rows.length ? '' : shown + ' of ' + rows.length + ' stores';
  const output = document.querySelector('.overview output');
  if (output && output.textContent !== told) output.textContent = told;
}

function markLinks() {
  for (const link of tbody().querySelectorAll('.row a')) {
    const isOpen = String(details.has(link.closest('.row').dataset.store));
    if (link.getAttribute('aria-expanded') === isOpen) continue;
    link.setAttribute('role', 'button');
    link.setAttribute('aria-expanded', isOpen);
  }
}

async function unfold(id) {
  const open = details.get(id);
  if (open) {
    details.delete(id);
    open.remove();
    markLinks();
    return;
  }
  const row = [...tbody().querySelectorAll('.row')].find((one) => one.dataset.store === id);
  const detail = made('tr', { class: 'detail', role: 'row' }, made('td', { role: 'cell', colspan: row.cells.length }));
  details.set(id, detail);
  row.after(detail);
  markLinks();
  try {
    await refreshDetail(id);
    drawCharts();
  } catch (error) {
    tell('No answer: ' + error.message);
  }
}

async function refreshDetail(id) {
  const detail = details.get(id);
  if (!detail) return;
  try {
    const fresh = (await load('./?store=' + encodeURIComponent(id))).querySelector('.store');
    const [old] = detail.firstChild.children;
    if (old) morph(old, fresh);
    else detail.firstChild.append(fresh);
  } catch (error) {
    if (error.status !== 404) throw error;
    details.delete(id);
    detail.remove();
    markLinks();
  }
}
`;
