/**
 * What --search found, for people: one block a directory, with the lines of configuration that would
 * make a store of it.
 *
 * Invariant: the lines of configuration stand at the margin, ready to paste; a directory that is a
 * store already gets none.
 */
import prettyBytes from 'pretty-bytes';
import {
  escapePath,
  type FoundDirectory,
  type SearchResult,
  type Store,
  type TableApplication,
} from '../index.js';
import { block, type Row } from './block.js';
import { formatDuration } from './duration.js';
import { depthText } from './lifetime-text.js';
import type { Style } from './style.js';
import { formatCount, plural } from './words.js';

export interface SearchReportOptions {
  /** Seconds since 1970, which ages are told from. */
  readonly nowSeconds: number;
  readonly style: Style;
}

/** @returns lines, each with its end; empty if nothing was found */
export function searchReport(
  found: readonly FoundDirectory[],
  stores: readonly Store[],
  options: SearchReportOptions,
): string {
  return found
    .map((directory) => findingText(directory, sameStore(directory, stores), options))
    .join('\n');
}

/** The store that a found directory is already. */
export function sameStore(directory: FoundDirectory, stores: readonly Store[]): Store | undefined {
  const path = foundPath(directory);
  return stores.find((store) => store.handler === 'files' && store.path === path);
}

/** For people. */
export function foundPath({ path }: FoundDirectory): string {
  return escapePath(Buffer.from(path, 'latin1'));
}

/** The last line's part on what was found, without its end. */
export function searchSummary(
  { found, applications }: SearchResult,
  stores: readonly Store[],
): string {
  const count = found.filter((directory) => sameStore(directory, stores) === undefined).length;
  const directories =
    count === 0
      ? 'the search found no other directory of sessions'
      : `the search found ${formatCount(count)} more ${count === 1 ? 'directory' : 'directories'} of sessions`;
  return applications.length === 0
    ? directories
    : `${directories} and ${plural(applications.length, 'application')} with sessions in a database`;
}

/** @returns lines, each with its end; empty where there is none */
export function applicationsReport(
  applications: readonly TableApplication[],
  style: Style,
): string {
  return applications.map((application) => applicationText(application, style)).join('\n');
}

function applicationText(
  { path, title, evidence, storeSource, lifetime, configuration }: TableApplication,
  style: Style,
): string {
  const rows: Row[] = [
    { label: 'found', text: `${title} (shown by ${evidence})` },
    { label: 'sessions', text: `in a database (from ${storeSource})` },
    ...(lifetime === null
      ? []
      : [
          {
            label: 'lifetime',
            text: `${formatDuration(lifetime.seconds, 2)} (from ${lifetime.source})`,
          },
        ]),
    {
      label: 'store',
      text:
        configuration === null
          ? 'no configuration can name it, since its path is not UTF-8'
          : 'these lines in /etc/sescle/sescle.toml make it one:',
    },
  ];
  const lines = configuration === null ? '' : `\n${configuration}`;
  return `${block(escapePath(Buffer.from(path, 'latin1')), rows, style)}${lines}`;
}

function findingText(
  found: FoundDirectory,
  store: Store | undefined,
  { nowSeconds, style }: SearchReportOptions,
): string {
  const { depth, ownerUid, totalBytes, isExact } = found;
  const rows: Row[] = [
    { label: 'found', text: countText(found) },
    ...(depth > 0 ? [{ label: 'depth', text: `${depth}: ${depthText(depth)}` }] : []),
    { label: 'age', text: ageText(found, nowSeconds) },
    ...(totalBytes === null
      ? []
      : [
          {
            label: 'size',
            text: `${isExact ? '' : 'about '}${prettyBytes(totalBytes, { binary: true })}`,
          },
        ]),
    ...(ownerUid === null ? [] : [{ label: 'owner', text: `uid ${ownerUid}` }]),
    ...applicationRows(found),
    adoptionRow(found, store),
  ];
  const lines =
    store === undefined && found.configuration !== null ? `\n${found.configuration}` : '';
  return `${block(foundPath(found), rows, style)}${lines}`;
}

function countText({
  sessionCount,
  isCountComplete,
  otherFileCount,
  profile,
  application,
}: FoundDirectory): string {
  const atLeast = isCountComplete ? '' : 'at least ';
  const others = otherFileCount === 0 ? '' : `, beside ${plural(otherFileCount, 'other file')}`;
  // Without an application's own files, their names are all that is known of them.
  const isNamed = application !== null || profile === 'php';
  const whose = isNamed ? `as ${profile} writes them` : `called as ${profile} calls them`;
  return `${atLeast}${plural(sessionCount, 'session')} ${whose}${others}`;
}

function applicationRows({ application }: FoundDirectory): Row[] {
  if (application === null) return [];
  const { label, directory, evidence, lifetime } = application;
  const rows: Row[] = [{ label: 'of', text: `${label} in ${directory} (${evidence} shows it)` }];
  if (lifetime !== null)
    rows.push({
      label: 'lives',
      text: `${formatDuration(lifetime.seconds)} (from ${lifetime.source})`,
    });
  return rows;
}

function ageText(
  { oldestMtimeSeconds, medianMtimeSeconds, newestMtimeSeconds }: FoundDirectory,
  nowSeconds: number,
): string {
  if (oldestMtimeSeconds === null || medianMtimeSeconds === null || newestMtimeSeconds === null) {
    return 'not known';
  }
  const age = (mtimeSeconds: number) =>
    formatDuration(Math.max(0, Math.floor(nowSeconds - mtimeSeconds)), 2);
  return `oldest ${age(oldestMtimeSeconds)}, median ${age(medianMtimeSeconds)}, newest ${age(newestMtimeSeconds)}`;
}

function adoptionRow({ configuration }: FoundDirectory, store: Store | undefined): Row {
  if (store !== undefined) {
    return { label: 'store', text: 'already, see above' };
  }
  return {
    label: 'store',
    text:
      configuration === null
        ? 'no; no configuration can name it, since its path is not UTF-8'
        : 'no; these lines in /etc/sescle/sescle.toml make it one:',
  };
}
