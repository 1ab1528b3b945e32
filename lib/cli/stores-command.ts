/**
 * `sescle stores`: flags to one call of discoverStores(), and of searchStores() where a search was
 * asked for; what they find to text or JSON.
 *
 * Invariant: it only reads. Warnings go to standard error, what was found to standard output.
 */
import {
  type Discovery,
  discoverStores,
  type SearchResult,
  type Store,
  searchStores,
  systemdPaths,
} from '../index.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import { tellTrouble, tellWarnings } from './error-lines.js';
import { status } from './exit-status.js';
import { checkDirectory, checkNamedInputs } from './named-inputs.js';
import { applicationsReport, searchReport, searchSummary } from './search-report.js';
import { storesJson } from './stores-json.js';
import type { StoresFlags } from './stores-options.js';
import { storesReport, storesSummary, unseenLifetimes } from './stores-report.js';
import { chooseStyle } from './style.js';

/**
 * @returns the exit status
 * @throws UsageError; SescleError if the configuration cannot be used
 */
export async function storesCommand(flags: StoresFlags, console: Console): Promise<number> {
  await checkNamedInputs(flags);
  for (const directory of flags.search ?? []) await checkDirectory('--search', directory);
  const { stores, warnings: general } = await discoverStores(discoverOptions(flags));
  const { searched, warnings: unsearched } = await search(flags);
  const warnings = [...general, ...unsearched];
  if (flags.systemdPaths) console.out(systemdPaths(stores));
  else if (flags.json) console.out(`${storesJson({ stores, searched, warnings })}\n`);
  else if (!flags.quiet) console.out(textOf(stores, searched, flags, console));
  if (!flags.quiet) tellWarnings(console, warnings);
  const seen = (searched?.found.length ?? 0) + (searched?.applications.length ?? 0);
  if (stores.length > 0 || seen > 0) return status.done;
  tellTrouble(
    console,
    'no session store was found',
    searched === undefined
      ? 'name the PHP interpreter with -p or its php.ini with -i, or search with --search DIR'
      : 'name the PHP interpreter with -p or its php.ini with -i, or search other directories',
  );
  return status.noStore;
}

/** @returns nothing found, as opposed to undefined, where a search was asked for */
async function search({
  search: directories,
}: StoresFlags): Promise<Pick<Discovery, 'warnings'> & { searched?: SearchResult }> {
  if (directories === undefined) return { warnings: [] };
  const searched = await searchStores(directories.map((directory) => directory.toString('latin1')));
  return { searched, warnings: searched.warnings.map(({ message }) => message) };
}

function textOf(
  stores: readonly Store[],
  searched: SearchResult | undefined,
  { verbose }: StoresFlags,
  console: Console,
): string {
  const style = chooseStyle(console.isOutTerminal, process.env);
  const blocks = [
    storesReport(stores, { verbosity: verbose, style }),
    searchReport(searched?.found ?? [], stores, { nowSeconds: Date.now() / 1000, style }),
    applicationsReport(searched?.applications ?? [], style),
  ].filter((text) => text !== '');
  if (blocks.length === 0) return '';
  const summary = searched === undefined ? [] : [searchSummary(searched, stores)];
  const note = stores.some(({ collectable }) => collectable) ? unseenLifetimes : '';
  return `${blocks.join('\n')}\n${note}${[storesSummary(stores), ...summary].join('; ')}\n`;
}
