/**
 * The public API: everything that users of the library, and sescle's own command line, may import.
 *
 * Invariant: what is not exported here may change without notice.
 */
export { SescleError, type SescleErrorCode, type SescleErrorDetails } from './errors.js';
export { type Verdict, verdicts } from './native/boundary.js';
export { packageVersion } from './package.js';
export { type DiscoverOptions, discoverStores } from './stores/discover.js';
export { parseSavePath, type SavePath } from './stores/save-path.js';
export type { FoundDirectory } from './stores/search/findings.js';
export { type SearchResult, searchStores } from './stores/search-stores.js';
export type {
  Discovery,
  Store,
  StoreIdentity,
  StoreRoot,
  StoreSetting,
  StoreTarget,
} from './stores/store.js';
export { type Range, type SweepOptions, sweepLimits } from './sweep/options.js';
export {
  type SkipReason,
  type StoreReport,
  type SweepCounts,
  type SweepFailure,
  type SweepProgress,
  type SweepReport,
  type SweepTotals,
  skipReasons,
  type UnusableStore,
} from './sweep/report.js';
export { sweep } from './sweep/sweep.js';
export type { SweepTarget } from './sweep/target.js';
export { type DurationFault, formatDuration, parseDuration } from './text/duration.js';
export { escapePath } from './text/escape-path.js';
export { absolutePath, isAbsolute } from './working-directory.js';
