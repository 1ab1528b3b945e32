/**
 * The stores for people: one aligned block each, or a table of many, then a line that sums them up.
 *
 * Invariant: pure text from what discovery found, all of which is printable already; what a row
 * leaves out, -v tells.
 */
import type { Store } from '../index.js';
import { atMost, block, listRows, type Row } from './block.js';
import { formatDuration } from './duration.js';
import { depthText, doubtRows, storeLifetimeText, userLifetimeTexts } from './lifetime-text.js';
import type { Style } from './style.js';
import { mostBlocks, table } from './table.js';
import { formatCount, plural } from './words.js';

export interface StoresReportOptions {
  /** From 1 on every user of a store and every setting is told. */
  readonly verbosity: number;
  readonly style: Style;
}

/** How many of a store's users are told without -v. */
const toldUsers = 4;
const longestValue = 200;
/** PATH_MAX, where every byte is escaped: what is longer leads nowhere. */
const longestPath = 4 * 4096;

/** @returns lines, each with its end; empty if there is no store */
export function storesReport(
  stores: readonly Store[],
  { verbosity, style }: StoresReportOptions,
): string {
  if (stores.length > mostBlocks && verbosity === 0) return storesTable(stores, style);
  return stores
    .map((store) => block(storeName(store), storeRows(store, verbosity > 0, style), style))
    .join('\n');
}

/** One line for each store, those that need a look first. */
function storesTable(stores: readonly Store[], style: Style): string {
  const rows = [...stores]
    .sort((a, b) => urgency(a) - urgency(b))
    .map((store) => ({
      cells: [cleanedText(store), briefLifetime(store), storeName(store), noteOf(store)],
      paint: urgency(store) < allWell ? style.kept : undefined,
    }));
  const more = 'sescle stores -v shows every store in full';
  return `${table(['cleaned', 'lifetime', 'store', 'note'], rows, style)}${more}\n`;
}

const allWell = 4;

/** Not cleaned though somebody wants it, not cleaned, partly cleaned, with a warning, well. */
function urgency({ collectable, isBlocked, doubt, warnings }: Store): number {
  if (!collectable) return isBlocked ? 0 : 1;
  if (doubt !== null) return 2;
  return warnings.length > 0 ? 3 : allWell;
}

function cleanedText({ collectable, doubt }: Store): string {
  if (!collectable) return 'no';
  return doubt === null ? 'yes' : 'in part';
}

function briefLifetime({ maxLifetime, lifetimesByUser, settings }: Store): string {
  // A table's rows can have their own.
  const unknown = settings['lifetime'] === undefined ? 'unknown' : 'its own';
  const own = maxLifetime === null ? unknown : formatDuration(maxLifetime);
  return lifetimesByUser.length === 0 ? own : `${own}, by user`;
}

function noteOf({ reason, collectable, doubt, warnings }: Store): string {
  const [first, ...rest] = [
    ...(collectable ? [] : [reason ?? 'unknown reason']),
    ...(doubt === null ? [] : [`uncertain: ${doubt.reasons[0] ?? 'unknown reason'}`]),
    ...warnings,
  ];
  if (first === undefined) return '';
  return rest.length === 0 ? first : `${first} (and ${formatCount(rest.length)} more)`;
}

/** What no configuration tells; a line with its end. */
export const unseenLifetimes =
  'note: applications can lengthen lifetimes with ini_set(), which sescle cannot see\n';

/** The last line, without its end. */
export function storesSummary(stores: readonly Store[]): string {
  const collectable = stores.filter((store) => store.collectable).length;
  const inDoubt = stores.filter((store) => store.doubt !== null).length;
  const uncertain = inDoubt === 0 ? '' : `, ${formatCount(inDoubt)} of them uncertain`;
  return `${plural(stores.length, 'store')}, ${formatCount(collectable)} collectable${uncertain}`;
}

/** Of a sweep of all stores: those that it left alone, in one line unless details are wanted. */
export function notCollectedText(stores: readonly Store[], verbosity: number): string {
  if (stores.length === 0) return '';
  if (verbosity === 0) {
    const be = stores.length === 1 ? 'is' : 'are';
    return `${plural(stores.length, 'store')} ${be} not collected; run sescle stores to see why\n`;
  }
  return stores
    .map((store) => `not collected: ${storeName(store)}: ${store.reason ?? 'unknown reason'}\n`)
    .join('');
}

/** What a store is called where nothing else tells its handler. */
export function storeName({ handler, path }: Store): string {
  const shown = shorten(path, longestPath);
  if (handler === 'files' || handler === 'table') return shown;
  return path === '' ? handler : `${handler}: ${shown}`;
}

function storeRows(store: Store, isDetailed: boolean, style: Style): Row[] {
  const { depth, user, usedBy, restsOn, collectable, reason, settings, warnings } = store;
  const savePath = settings['session.save_path'] ?? settings['temporary directory'];
  return [
    ...(depth > 0 ? [{ label: 'depth', text: `${depth}: ${depthText(depth)}` }] : []),
    { label: 'lifetime', text: storeLifetimeText(store, isDetailed) },
    ...listRows('', userLifetimeTexts(store, isDetailed)),
    ...(user === null ? [] : [{ label: 'owner', text: user }]),
    ...listRows('used by', isDetailed ? usedBy : atMost(usedBy, toldUsers)),
    ...(savePath === undefined ? [] : [{ label: 'save path', text: `from ${savePath.source}` }]),
    collectable
      ? { label: 'collectable', text: collectableText(store) }
      : { label: 'collectable', text: `no: ${reason ?? 'unknown reason'}`, paint: style.kept },
    ...doubtRows(store.doubt, isDetailed, style.kept),
    ...listRows('warning', warnings, style.kept),
    ...(isDetailed ? listRows('rests on', restsOn) : []),
    ...(isDetailed ? listRows('settings', settingTexts(settings)) : []),
  ];
}

function collectableText({ doubt }: Store): string {
  if (doubt === null) return 'yes';
  const whose = doubt.users === null ? 'all sessions' : 'the sessions of some users';
  return `${whose} are kept: the real lifetime may be longer`;
}

function settingTexts(settings: Store['settings']): string[] {
  return Object.entries(settings).map(
    ([name, { value, source }]) =>
      `${name} = ${value === '' ? '(empty)' : shorten(value, longestValue)} (${source})`,
  );
}

function shorten(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
