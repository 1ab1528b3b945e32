/**
 * The charts of the status page, as the browser's JavaScript: a store's numbers -> SVG elements.
 *
 * Invariant: pure but for the elements that it makes. Every chart says in words what it shows (its
 * label is made for those who do not see it), and every bar and mark says what it is. A chart that would be
 * empty is none.
 */
export const chartScript: string = `
const width = 340;
const height = 140;
const bottom = 18;
const letterWidth = 6.4;

const countText = (count) => count.toLocaleString('en-US', { maximumFractionDigits: 2 });
const secondsText = (seconds) =>
  seconds > 0 && seconds < 0.01 ? '<0.01 s' : seconds < 10 ? +seconds.toFixed(2) + ' s' : spanText(seconds);

function spanText(seconds) {
  let rest = Math.round(seconds);
  const parts = [];
  for (const [letter, unit] of [['d', 86400], ['h', 3600], ['m', 60], ['s', 1]]) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(count + letter);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

function element(name, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const key of Object.keys(attributes)) made.setAttribute(key, attributes[key]);
  made.append(...children);
  return made;
}

function titled(node, text) {
  node.append(element('title', {}, text));
  return node;
}

function figure(title, summary, ...shapes) {
  const made = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const told = document.createElement('span');
  told.textContent = summary;
  caption.append(title, ' ', told);
  const attributes = { viewBox: '0 0 ' + width + ' ' + height, role: 'img', 'aria-label': title + ': ' + summary };
  made.append(caption, element('svg', attributes, ...shapes));
  return made;
}

/* Round numbers from at most low to at least high. */
function ticks(low, high, isWhole) {
  const rough = Math.max((high - low) / 3, isWhole ? 1 : 1e-9);
  const power = 10 ** Math.floor(Math.log10(rough));
  const found = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const step = isWhole ? Math.max(1, found) : found;
  const made = [];
  for (let at = Math.floor(low / step); made.length < 2 || made[made.length - 1] < high; at += 1) {
    made.push(+(at * step).toPrecision(12));
  }
  return made;
}

/* The horizontal rules with their numbers, and where a value and a part of the width are. */
function scale(marks, top) {
  const labels = marks.map(countText);
  const left = 8 + letterWidth * Math.max(...labels.map((label) => label.length));
  const right = width - 6;
  const low = marks[0];
  const high = marks[marks.length - 1];
  const y = (value) => height - bottom - ((value - low) / (high - low)) * (height - bottom - top);
  const shapes = marks.flatMap((mark, at) => [
    element('line', { class: 'axis', x1: left, x2: right, y1: y(mark), y2: y(mark) }),
    element('text', { x: left - 5, y: y(mark) + 4, 'text-anchor': 'end' }, labels[at]),
  ]);
  return { left, right, y, x: (part) => left + part * (right - left), shapes };
}

function lineChart(title, points, value, summary, { fromZero, isWhole }) {
  const known = points.filter((point) => value(point) !== null);
  if (known.length < 2) return null;
  const values = known.map(value);
  const high = Math.max(...values);
  if (fromZero && high === 0) return null;
  const low = fromZero ? 0 : Math.min(...values);
  const isFlat = low === high;
  const lowest = isFlat && !fromZero ? Math.max(0, low - 1) : low;
  const { left, right, x, y, shapes } = scale(ticks(lowest, isFlat ? high + 1 : high, isWhole), 8);
  const from = known[0].atMs;
  const to = known[known.length - 1].atMs;
  const at = (point) => [x(to === from ? 1 : (point.atMs - from) / (to - from)).toFixed(1), y(value(point)).toFixed(1)];
  const path = known.map((point, index) => (index === 0 ? 'M' : 'L') + at(point).join(' ')).join('');
  const [cx, cy] = at(known[known.length - 1]);
  return figure(
    title,
    summary(values),
    ...shapes,
    element('path', { class: 'line', d: path }),
    element('circle', { class: 'dot', cx, cy, r: 3 }),
    element('text', { x: left, y: height - 4 }, to === from ? '' : spanText((to - from) / 1000) + ' ago'),
    element('text', { x: right, y: height - 4, 'text-anchor': 'end' }, 'now'),
  );
}

/* bars: [{ label, count, name }]; marks: [{ at, text, kind }], at in bars from the left */
function barChart(title, bars, summary, marks = []) {
  const top = marks.length > 0 ? 16 + 13 * marks.length : 8;
  const most = Math.max(...bars.map(({ count }) => count));
  const { left, right, x, y, shapes } = scale(ticks(0, Math.max(1, most), true), top);
  const size = (right - left) / bars.length;
  const labelWidth = letterWidth * Math.max(...bars.map(({ label }) => label.length)) + 10;
  const labelled = bars.filter(({ label }) => label !== '');
  const every = Math.ceil((labelWidth * labelled.length) / (right - left));
  bars.forEach((bar, at) => {
    const { label, count, name } = bar;
    const middle = x((at + 0.5) / bars.length);
    const gap = Math.min(3, size * 0.2);
    const tall = count === 0 ? 0 : Math.max(1, y(0) - y(count));
    const shape = { class: 'bar', x: middle - size / 2 + gap / 2, y: y(0) - tall, width: size - gap, height: tall };
    shapes.push(titled(element('rect', shape), name + ': ' + countText(count)));
    if (label !== '' && labelled.indexOf(bar) % every === 0) {
      const isFirst = middle - labelWidth / 2 < left - 10;
      const isLast = middle + labelWidth / 2 > width;
      const place = isFirst ? [left, 'start'] : isLast ? [width, 'end'] : [middle, 'middle'];
      shapes.push(element('text', { x: place[0], y: height - 4, 'text-anchor': place[1] }, label));
    }
  });
  marks.forEach(({ at, text, kind }, row) => {
    const place = x(at / bars.length);
    const isRight = place + 8 + text.length * letterWidth > width;
    const line = { class: 'mark ' + kind, x1: place, x2: place, y1: 5 + 13 * row, y2: y(0) };
    const words = { x: place + (isRight ? -4 : 4), y: 12 + 13 * row, 'text-anchor': isRight ? 'end' : 'start' };
    shapes.push(titled(element('line', line), text), element('text', words, text));
  });
  return figure(title, summary, ...shapes);
}

/* As Prometheus' histogram_quantile() has it; lib/telemetry/quantile.ts is its twin. */
function quantile({ bounds, counts }, rank) {
  const total = counts[counts.length - 1] || 0;
  if (total === 0) return null;
  const sought = rank * total;
  const at = counts.findIndex((count) => count >= sought);
  if (at >= bounds.length) return bounds.length > 0 ? bounds[bounds.length - 1] : null;
  const lower = at === 0 ? Math.min(0, bounds[0]) : bounds[at - 1];
  const below = at === 0 ? 0 : counts[at - 1];
  const inside = counts[at] - below;
  return inside === 0 ? bounds[at] : lower + ((bounds[at] - lower) * (sought - below)) / inside;
}

function latenessChart({ lateness, maxLatenessSeconds }) {
  const title = 'Lateness of removals';
  const { bounds, counts } = lateness;
  const half = quantile(lateness, 0.5);
  if (half === null) return null;
  const alone = counts.map((count, at) => count - (at === 0 ? 0 : counts[at - 1]));
  const used = alone.map((count, at) => (count > 0 ? at : -1)).filter((at) => at >= 0);
  const first = Math.max(0, used[0] - 1);
  const last = Math.min(alone.length - 1, used[used.length - 1] + 1);
  const bars = [];
  for (let at = first; at <= last; at += 1) {
    const isEndless = at >= bounds.length;
    const label = isEndless ? 'more' : secondsText(bounds[at]);
    bars.push({ label, count: alone[at], name: isEndless ? 'later' : 'at most ' + label });
  }
  const place = (seconds) => {
    const at = bounds.findIndex((bound) => seconds <= bound);
    if (at < 0) return bars.length - 0.5;
    const lower = at === 0 ? 0 : bounds[at - 1];
    const part = bounds[at] === lower ? 1 : (seconds - lower) / (bounds[at] - lower);
    return Math.min(bars.length, Math.max(0, at - first + part));
  };
  const marks = [['p50', half], ['p99', quantile(lateness, 0.99)], ['max', maxLatenessSeconds]]
    .filter(([, seconds]) => seconds !== null)
    .map(([kind, seconds]) => ({ kind, at: place(seconds), text: kind + ' ' + secondsText(seconds) }));
  return barChart(title, bars, marks.map(({ text }) => text).join(', '), marks);
}

function expiriesChart({ expiriesByMinute }) {
  const title = 'Expiries in the next hour';
  const bars = [];
  for (let minute = 0; minute < 60; minute += 1) {
    const label = minute % 15 === 0 ? (minute === 0 ? 'now' : minute + 'm') : '';
    bars.push({ label, count: expiriesByMinute[minute] || 0, name: 'in ' + minute + ' to ' + (minute + 1) + ' minutes' });
  }
  const sum = bars.reduce((total, { count }) => total + count, 0);
  if (sum === 0) return null;
  return barChart(title, bars, countText(sum) + ' in all');
}

function agesChart({ ages }) {
  const title = 'Since sessions were last written';
  if (!ages.some(({ sessions }) => sessions > 0)) return null;
  const bars = ages.map(({ upToSeconds, sessions }) => {
    const label = upToSeconds === null ? 'more' : '≤' + spanText(upToSeconds).replace(' ', '');
    return { label, count: sessions, name: upToSeconds === null ? 'longer' : 'up to ' + spanText(upToSeconds) };
  });
  const most = bars.reduce((best, bar) => (bar.count > best.count ? bar : best));
  return barChart(title, bars, 'most ' + most.name);
}

/* The rate up to each moment; moments that are closer than a second have none. */
function pointsOf({ atMs, sessions, removed }) {
  return atMs.map((moment, at) => {
    const seconds = at === 0 ? 0 : (moment - atMs[at - 1]) / 1000;
    const isKnown = seconds >= 1 && removed[at - 1] !== null && removed[at] !== null;
    return {
      atMs: moment,
      sessions: sessions[at],
      rate: isKnown ? Math.max(0, removed[at] - removed[at - 1]) / seconds : null,
    };
  });
}

function storeCharts(numbers) {
  const points = pointsOf(numbers);
  const now = (values) => values[values.length - 1];
  return [
    lineChart('Sessions', points, ({ sessions }) => sessions, (values) =>
      countText(now(values)) + ' now, ' + countText(Math.min(...values)) + ' to ' + countText(Math.max(...values)),
      { fromZero: false, isWhole: true }),
    lineChart('Removed per second', points, ({ rate }) => rate, (values) =>
      countText(now(values)) + ' now, at most ' + countText(Math.max(...values)), { fromZero: true, isWhole: false }),
    latenessChart(numbers),
    expiriesChart(numbers),
    agesChart(numbers),
  ].filter((chart) => chart !== null);
}
`;
