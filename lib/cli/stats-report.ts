/**
 * What the sessions of each store are like, for people.
 *
 * Invariant: pure text from the report; a class without a session takes no line, every line has its end.
 */
import prettyBytes from 'pretty-bytes';
import type { StatisticsReport, StoreStatistics } from '../index.js';
import { largest } from '../largest.js';
import type { BarStyle } from './bars.js';
import { block, type Row } from './block.js';
import { formatDuration, formatElapsed } from './duration.js';
import type { Style } from './style.js';
import { mostBlocks, table } from './table.js';
import { formatCount, plural } from './words.js';

export interface StatsReportOptions {
  readonly style: Style;
  readonly bars: BarStyle;
}

/** How many owners are named. */
const toldOwners = 8;

export function statsReport(
  { stores, durationMs }: StatisticsReport,
  options: StatsReportOptions,
): string {
  const blocks =
    stores.length > mostBlocks
      ? [overview(stores, options)]
      : stores.map((store) => storeText(store, options));
  const sessions = stores.reduce((sum, store) => sum + store.sessions, 0);
  const summary = `${plural(sessions, 'session')} in ${plural(stores.length, 'store')}, counted in ${formatElapsed(durationMs)}\n`;
  return [...blocks, summary].join('\n');
}

/** The fullest first; what a store is like in full is told where it is named. */
function overview(stores: readonly StoreStatistics[], { style, bars }: StatsReportOptions): string {
  const sorted = [...stores].sort((a, b) => b.sessions - a.sessions);
  const most = largest(sorted, ({ sessions }) => sessions, 1);
  const rows = sorted.map(({ sessions, diskBytes, expired, dueWithinHour, unusedShare, path }) => [
    formatCount(sessions),
    sizeText(diskBytes),
    expired === null ? '?' : formatCount(expired.sessions),
    dueWithinHour === null ? '?' : formatCount(dueWithinHour),
    unusedShare === null ? '?' : percent(unusedShare),
    path,
    bars.bar(sessions / most),
  ]);
  const head = [' sessions', ' on disk', ' expired', ' due in 1h', ' never used', 'store', ''];
  return table(
    head,
    rows.map((cells) => ({ cells })),
    style,
  );
}

function storeText(store: StoreStatistics, { style, bars }: StatsReportOptions): string {
  const parts = [block(store.path, summaryRows(store, style), style)];
  if (store.sessions === 0) return parts.join('');
  const chart = (title: string, lines: readonly Line[]) => {
    if (lines.length > 0) parts.push(tableText(title, lines, bars));
  };
  chart('last written', ageLines(store));
  chart('size', sizeLines(store));
  chart('owner', ownerLines(store));
  const made = madeText(store, bars);
  if (made !== '') parts.push(made);
  if (store.largest.length > 0) parts.push(largestText(store));
  return parts.join('');
}

function summaryRows(store: StoreStatistics, style: Style): Row[] {
  const { sessions, bytes, diskBytes, directories, maxLifetime, depth } = store;
  const { expired, dueWithinHour, foreign, setAside, futureDated, unreadDirectories } = store;
  const where = depth > 0 ? ` in ${plural(directories, 'directory', 'directories')}` : '';
  const size = sessions > 0 ? `, ${sizeText(bytes)} (${sizeText(diskBytes)} on the disk)` : '';
  return [
    { label: 'sessions', text: `${formatCount(sessions)}${where}${size}` },
    {
      label: 'lifetime',
      text: maxLifetime === null ? 'not known: pass one with -l' : formatDuration(maxLifetime),
    },
    ...(expired !== null && expired.sessions > 0
      ? [{ label: 'expired', text: expiredText(expired), paint: style.removed }]
      : []),
    ...(dueWithinHour === null
      ? []
      : [{ label: 'due', text: `${formatCount(dueWithinHour)} in the next hour` }]),
    ...(sessions > 0 ? [emptyRow(store), ...unusedRows(store)] : []),
    ...(futureDated > 0
      ? [{ label: 'future', text: `${formatCount(futureDated)} last written in the future` }]
      : []),
    ...(setAside > 0
      ? [
          {
            label: 'set aside',
            text: `${formatCount(setAside)} under a private name: see sescle sweep --strict`,
            paint: style.kept,
          },
        ]
      : []),
    ...(foreign > 0
      ? [{ label: 'other files', text: `${formatCount(foreign)}, which sescle never touches` }]
      : []),
    ...(unreadDirectories > 0
      ? [
          {
            label: 'not entered',
            text: `${plural(unreadDirectories, 'directory', 'directories')}: links, mounts, or not readable`,
            paint: style.kept,
          },
        ]
      : []),
  ];
}

function expiredText({ sessions, bytes }: { sessions: number; bytes: number }): string {
  return `${formatCount(sessions)}, ${sizeText(bytes)}: sescle sweep removes them`;
}

function emptyRow({ empty, emptyShare }: StoreStatistics): Row {
  return { label: 'empty', text: `${formatCount(empty)} (${percent(emptyShare)})` };
}

function unusedRows({ unused, unusedShare }: StoreStatistics): Row[] {
  if (unused === null) {
    return [
      {
        label: 'never used',
        text: 'unknown: the file system does not say when the files were made',
      },
    ];
  }
  const share = unusedShare === null ? '' : ` (${percent(unusedShare)} of those older than 1m)`;
  return [
    {
      label: 'never used',
      text: `${formatCount(unused)}${share}: made by one request and not written again, as bots do`,
    },
  ];
}

interface Line {
  readonly label: string;
  readonly count: number;
  readonly note?: string;
}

function tableText(title: string, lines: readonly Line[], { bar }: BarStyle): string {
  const most = lines.reduce((largest, { count }) => Math.max(largest, count), 1);
  const labelWidth = widest([title, ...lines.map(({ label }) => label)]);
  const countWidth = widest(lines.map(({ count }) => formatCount(count)));
  const rows = lines.map(({ label, count, note }) => {
    const number = formatCount(count).padStart(countWidth);
    const rest = [note, bar(count / most)].filter((text) => text !== undefined && text !== '');
    return `  ${label.padEnd(labelWidth)}  ${[number, ...rest].join('  ')}\n`;
  });
  return `  ${title}\n${rows.map((row) => `  ${row}`).join('')}`;
}

function ageLines({ byAge }: StoreStatistics): Line[] {
  return byAge.flatMap(({ upToSeconds, sessions }, at) => {
    if (sessions === 0) return [];
    const before = byAge[at - 1]?.upToSeconds ?? 0;
    const label =
      upToSeconds === null
        ? `over ${formatDuration(before)} ago`
        : `up to ${formatDuration(upToSeconds)} ago`;
    return [{ label, count: sessions }];
  });
}

function sizeLines({ bySize }: StoreStatistics): Line[] {
  return bySize.flatMap(({ upToBytes, sessions }, at) => {
    if (sessions === 0) return [];
    const before = bySize[at - 1]?.upToBytes ?? 0;
    const label =
      upToBytes === 0
        ? 'empty'
        : upToBytes === null
          ? `over ${sizeText(before)}`
          : `up to ${sizeText(upToBytes)}`;
    return [{ label, count: sessions }];
  });
}

function ownerLines({ byOwner, otherOwners }: StoreStatistics): Line[] {
  const told = byOwner.slice(0, toldOwners).map(({ uid, user, sessions, bytes }) => ({
    label: user ?? `uid ${uid}`,
    count: sessions,
    note: sizeText(bytes),
  }));
  const rest = byOwner.slice(toldOwners);
  const count = rest.reduce((sum, { sessions }) => sum + sessions, otherOwners.sessions);
  if (count === 0) return told;
  const label = otherOwners.sessions > 0 ? 'all others' : plural(rest.length, 'other');
  return [...told, { label, count }];
}

function madeText({ madeByMinute }: StoreStatistics, { sparkline }: BarStyle): string {
  if (madeByMinute === null) return '';
  const sum = madeByMinute.reduce((all, count) => all + count, 0);
  if (sum === 0) return '';
  const most = largest(madeByMinute, (count) => count);
  const line = sparkline([...madeByMinute].reverse());
  const picture = line === '' ? '' : `    60m ago ${line} now\n`;
  return `  new in the last hour\n${picture}    ${formatCount(sum)}: ${formatCount(Math.round(sum / madeByMinute.length))} a minute on average, ${formatCount(most)} at most\n`;
}

function largestText({ path, largest }: StoreStatistics): string {
  const sizes = largest.map(({ bytes }) => sizeText(bytes));
  const width = widest(sizes);
  const rows = largest.map(({ path: file, ageSeconds, uid, user }, at) => {
    const name = file.startsWith(`${path}/`) ? file.slice(path.length + 1) : file;
    const age =
      ageSeconds < 0 ? 'written in the future' : `written ${formatDuration(ageSeconds, 2)} ago`;
    return `    ${(sizes[at] ?? '').padStart(width)}  ${name}  ${user ?? `uid ${uid}`}, ${age}\n`;
  });
  return `  largest\n${rows.join('')}`;
}

function sizeText(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}

function percent(share: number | null): string {
  if (share === null) return '0 %';
  const text = share * 100;
  return `${text > 0 && text < 10 ? text.toFixed(1) : Math.round(text)} %`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}
