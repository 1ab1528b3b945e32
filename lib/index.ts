/**
 * The public API: everything that users of the library, and sescle's own command line, may import.
 *
 * Invariant: what is not exported here may change without notice.
 */
export {
  type AdoptionPlan,
  type AdoptOptions,
  applyAdoption,
  planAdoption,
} from './adopt/door.js';
export { type Examination, type ExamineOptions, examine } from './doctor/door.js';
export type { Finding, Severity } from './doctor/finding.js';
export type { SweepCounts } from './engine/counts.js';
export type { SweepFailure } from './engine/engine.js';
export type { Range } from './engine/numbers.js';
export { type NoShard, parseShard, type Shard, shardText } from './engine/shard.js';
export { SescleError, type SescleErrorCode, type SescleErrorDetails } from './errors.js';
export { type MakeOptions, makeDirectories } from './mkdirs/make-directories.js';
export type { MakeReport } from './mkdirs/report.js';
export { type BitsPerCharacter, bitsPerCharacter } from './mkdirs/session-alphabet.js';
export type { MonitorEvent, OnEvent } from './monitor/events.js';
export type {
  MonitorCounts,
  MonitoredStore,
  MonitorStatus,
  StoreCounts,
  StoreState,
  Trouble,
} from './monitor/status.js';
export { indexLimits, type Watch, type WatchOptions, watch } from './monitor/watch.js';
export { type SkipReason, skipReasons, type Verdict, verdicts } from './native/boundary.js';
export { packageVersion } from './package.js';
export type {
  SessionSum,
  StatisticsReport,
  StoreStatistics,
  UncountedStore,
} from './statistics/report.js';
export {
  type StatisticsOptions,
  type StatisticsTarget,
  takeStatistics,
} from './statistics/take-statistics.js';
export { discoverApart, discoverStores } from './stores/discover.js';
export type { DiscoverOptions } from './stores/discover-options.js';
export { isTableName, tablesNamed } from './stores/named-tables.js';
export { type ProfileName, profileNames } from './stores/profiles.js';
export { parseSavePath, type SavePath } from './stores/save-path.js';
export type { TableApplication } from './stores/search/applications.js';
export type { FoundDirectory } from './stores/search/findings.js';
export { type SearchResult, searchStores } from './stores/search-stores.js';
export { bitsPerCharacterOf } from './stores/settings-behind.js';
export { mountsThatMayHang } from './stores/silent-mounts.js';
export type {
  Discovery,
  Store,
  StoreIdentity,
  StoreRoot,
  StoreSetting,
  StoreTarget,
} from './stores/store.js';
export { filesTarget, storeDirectory } from './stores/store-directory.js';
export { systemdPaths } from './stores/systemd-paths.js';
export { type SweepOptions, sweepLimits } from './sweep/options.js';
export type {
  StoreReport,
  SweepProgress,
  SweepReport,
  SweepTotals,
  UnusableStore,
} from './sweep/report.js';
export { sweep } from './sweep/sweep.js';
export type { SweepTarget } from './sweep/target.js';
export type { TableDescription } from './tables/description.js';
export { eventLines, type LogLevel, type LogLine } from './telemetry/event-text.js';
export { isHealthy, storeFault } from './telemetry/health.js';
export {
  type AddressFault,
  type ListenAddress,
  parseListenAddress,
} from './telemetry/listen-address.js';
export { type Log, type LogOptions, openLog } from './telemetry/log.js';
export { MinuteLog } from './telemetry/minute-log.js';
export { type Publication, type PublishOptions, publishStatus } from './telemetry/publish.js';
export { type ServiceManager, serviceManager } from './telemetry/service-manager.js';
export { statusLine } from './telemetry/status-line.js';
export { formatCount, plural } from './text/count.js';
export { type DurationFault, formatDuration, parseDuration } from './text/duration.js';
export { escapePath } from './text/escape-path.js';
export { hugeText } from './text/huge-directory.js';
export { setAsideText } from './text/set-aside.js';
export { absolutePath, isAbsolute } from './working-directory.js';
