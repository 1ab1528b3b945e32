/**
 * The report for people: one aligned block a store, or a table of many, and one block for all where there
 * are several.
 *
 * Invariant: pure text from a report; every number in it is the report's, under a plain word. Reasons
 * that did not occur are not told.
 */
import prettyBytes from 'pretty-bytes';
import {
  type Store,
  type StoreReport,
  type SweepCounts,
  type SweepReport,
  shardText,
  skipReasons,
} from '../index.js';
import { block, listRows, type Row } from './block.js';
import { formatDuration, formatElapsed } from './duration.js';
import { doubtRows, lifetimeText, storeLifetimeText, userLifetimeTexts } from './lifetime-text.js';
import type { Style } from './style.js';
import { mostBlocks, table } from './table.js';
import { formatCount, perSecond, plural, skipReasonWords } from './words.js';

export interface TextReportOptions {
  /** From 1 on details are told. */
  readonly verbosity: number;
  readonly style: Style;
  /** The stores that were swept by their own lifetimes, by the path as the report has it. */
  readonly followed?: ReadonlyMap<string, Store>;
}

/** @returns lines, each with its end; empty if no store was swept */
export function textReport(report: SweepReport, options: TextReportOptions): string {
  const { verbosity, style, followed } = options;
  const isTable = report.stores.length > mostBlocks && verbosity === 0;
  const blocks = isTable
    ? [storesTable(report, style)]
    : report.stores.map((store) =>
        block(
          store.path,
          storeRows(store, followed?.get(store.path), report.dryRun, options),
          style,
        ),
      );
  if (report.stores.length > 1) {
    const rows = [
      ...shardRows(report.stores),
      ...countRows(report.totals, report.dryRun, verbosity, style),
      timeRow(report.totals.scanned, report.durationMs),
    ];
    blocks.push(block(`all ${plural(report.stores.length, 'store')}`, rows, style));
  }
  return blocks.join('\n');
}

/** One line for each store: those with failures first, then those in which most was kept. */
function storesTable({ stores, dryRun }: SweepReport, style: Style): string {
  const rows = stores
    .map((store) => ({ store, kept: keptIn(store), isFailing: isFailing(store) }))
    .sort((a, b) => Number(b.isFailing) - Number(a.isFailing) || b.kept - a.kept)
    .map(({ store, kept, isFailing: fails }) => ({
      cells: [
        formatCount(store.scanned),
        formatCount(dryRun ? store.wouldRemove : store.removed),
        formatCount(kept),
        store.path,
        tableNote(store),
      ],
      paint: fails ? style.error : undefined,
    }));
  const gone = dryRun ? ' would remove' : ' removed';
  return table([' scanned', gone, ' kept', 'store', 'note'], rows, style);
}

function keptIn({ skipped }: SweepCounts): number {
  return skipReasons.reduce((sum, reason) => sum + skipped[reason], 0);
}

function isFailing({ complete, skipped }: StoreReport): boolean {
  return !complete || skipped.failed > 0;
}

function tableNote({ complete, skipped, doubt }: StoreReport): string {
  const notes = [
    ...(complete ? [] : ['stopped before everything was checked']),
    ...(skipped.failed > 0 ? [skipReasonWords.failed] : []),
    ...(skipped.uncertain > 0 ? [`uncertain: ${doubt?.reasons[0] ?? 'unknown reason'}`] : []),
  ];
  return notes.join('; ');
}

function storeRows(
  store: StoreReport,
  followed: Store | undefined,
  dryRun: boolean,
  { verbosity, style }: TextReportOptions,
): Row[] {
  const isDetailed = verbosity > 0;
  const rows = [
    ...lifetimeRows(store, followed, isDetailed),
    ...shardRows([store]),
    ...(isDetailed && store.depth > 0 ? [{ label: 'depth', text: `${store.depth}` }] : []),
    ...countRows(store, dryRun, verbosity, style),
    ...(isDetailed || store.skipped.uncertain > 0
      ? doubtRows(followed?.doubt ?? store.doubt, isDetailed, style.kept)
      : []),
    ...(isDetailed ? directoryRows(store) : []),
  ];
  if (store.oldestAgeSeconds !== null) {
    rows.push({ label: 'oldest left', text: `${formatDuration(store.oldestAgeSeconds, 2)} old` });
  }
  rows.push(timeRow(store.scanned, store.durationMs));
  if (!store.complete)
    rows.push({
      label: 'incomplete',
      text: 'stopped before everything was checked',
      paint: style.error,
    });
  return rows;
}

/** The share that all counts are of, where it is the same of all. */
function shardRows(stores: readonly StoreReport[]): Row[] {
  const texts = stores.map(({ shard }) => shard && shardText(shard));
  const [text] = new Set(texts);
  return typeof text !== 'string' || texts.some((other) => other !== text)
    ? []
    : [{ label: 'shard', text: `${text} (of the session names)` }];
}

/** By the store's own settings where they were followed, else by the command line. */
function lifetimeRows(
  { maxLifetime, grace }: StoreReport,
  followed: Store | undefined,
  isDetailed: boolean,
): Row[] {
  if (followed === undefined) {
    const origin = isDetailed ? 'from the command line' : undefined;
    const text = lifetimeText({ seconds: maxLifetime, grace, origin, isDetailed });
    return [{ label: 'lifetime', text }];
  }
  return [
    { label: 'lifetime', text: storeLifetimeText(followed, isDetailed) },
    ...listRows('', userLifetimeTexts(followed, isDetailed)),
  ];
}

/** The rows that a store and the totals have in common. */
function countRows(counts: SweepCounts, dryRun: boolean, verbosity: number, style: Style): Row[] {
  const isDetailed = verbosity > 0;
  const kept = skipReasons.filter((reason) => counts.skipped[reason] > 0);
  const gone = dryRun ? counts.wouldRemove : counts.removed;
  const freed =
    gone > 0 && counts.bytesFreed > 0
      ? `(${prettyBytes(counts.bytesFreed, { binary: true })} ${dryRun ? 'to free' : 'freed'})`
      : undefined;
  const rows: Row[] = [
    { label: 'scanned', count: counts.scanned },
    { label: 'live', count: counts.live },
    { label: 'expired', count: counts.expired },
    {
      label: dryRun ? 'would remove' : 'removed',
      count: gone,
      ...(freed === undefined ? {} : { text: freed }),
      ...(gone > 0 ? { paint: style.removed } : {}),
    },
  ];
  kept.forEach((reason, at) => {
    rows.push({
      label: at === 0 ? 'kept' : '',
      count: counts.skipped[reason],
      text: skipReasonWords[reason],
      paint: style.kept,
    });
  });
  if (isDetailed && counts.removedByWatch > 0) {
    rows.push({
      label: '',
      count: counts.removedByWatch,
      text: 'of them removed under a directory watch, without locking each',
    });
  }
  if (counts.vanished > 0) {
    rows.push({ label: 'already gone', count: counts.vanished, text: 'removed by someone else' });
  }
  if (isDetailed && counts.futureDated > 0) {
    rows.push({
      label: 'future',
      count: counts.futureDated,
      text: 'live, dated in the future',
    });
  }
  if (isDetailed)
    rows.push({ label: 'foreign', count: counts.foreign, text: 'not a session name' });
  return rows;
}

function directoryRows({ directories, skippedDirectories }: StoreReport): Row[] {
  const notEntered = [
    { count: skippedDirectories.symlink, text: 'not entered: a symbolic link' },
    { count: skippedDirectories.mount_point, text: 'not entered: a mount point' },
    { count: skippedDirectories.denied, text: 'not entered: permission denied' },
  ].filter(({ count }) => count > 0);
  return [
    { label: 'directories', count: directories },
    ...notEntered.map((row) => ({ label: '', ...row })),
  ];
}

function timeRow(scanned: number, durationMs: number): Row {
  const rate = perSecond(scanned, durationMs);
  const rateText = rate === null ? '' : `, ${plural(rate, 'session')} a second`;
  return { label: 'took', text: `${formatElapsed(durationMs)}${rateText}` };
}
