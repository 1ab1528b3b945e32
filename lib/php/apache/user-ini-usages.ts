/**
 * What .user.ini files make of the ways in which PHP runs: for CGI, FPM and LiteSpeed, from the document
 * root down to the script's directory.
 *
 * Invariant: nothing is changed that an administrator fixed.
 */
import { type ByteString, printable } from '../byte-string.js';
import { isWithin, prefixes } from '../paths.js';
import { over, type Setter, type Setting, type Warning } from '../provenance.js';
import { type Change, outcomesOf, treeBelow } from '../run-time.js';
import type { SessionSettingName, SessionSettings, Usage } from '../usage.js';
import type { DirectoryOverride } from './override-files.js';
import { labelOf, maxUsages, maxUserUsages, type OverrideLimit } from './override-limit.js';

/** A Usage that an override may change. */
export interface OverrideBase extends Usage {
  /** What was set so that no .user.ini can change it, as by FPM's php_admin_value. */
  readonly fixedSettings?: ReadonlySet<SessionSettingName>;
}

export function readsUserIni({ sapi }: Usage): boolean {
  return sapi === 'cgi' || sapi === 'fpm' || sapi === 'litespeed';
}

/** What the .user.ini files on the way to a directory set there, the deepest last. */
interface Layer {
  readonly override: DirectoryOverride;
  readonly settings: SessionSettings;
  readonly doubts: readonly Warning[];
}

/** PHP reads them from the document root down to the script's directory; the deepest wins. */
export function* withUserInis(
  userInis: readonly DirectoryOverride[],
  readers: readonly OverrideBase[],
  base: readonly Usage[],
  limit: OverrideLimit,
): Generator<Usage> {
  const uids = new Set(base.filter(readsUserIni).map(({ runsAs }) => runsAs?.uid));
  const layers = layersOf(userInis);
  const counts = new Map<Setter, number>();
  for (const { override } of layers)
    counts.set(override.setBy, (counts.get(override.setBy) ?? 0) + 1);
  // Whoever has a PHP of their own has their sites served by it.
  const isReadBy = ({ setBy }: DirectoryOverride, { runsAs }: Usage): boolean =>
    setBy === null || setBy === 0 || !uids.has(setBy) || runsAs === null || runsAs.uid === setBy;
  const isTooMany = (setBy: Setter): boolean =>
    (counts.get(setBy) ?? 0) * readers.length > (setBy === 0 ? maxUsages : maxUserUsages);
  const told = new Set<string>();
  const bySetter = new Map<Setter, Layer[]>();
  for (const layer of layers) {
    const { setBy } = layer.override;
    // Where there are many, what says the same as another is left out.
    if (isTooMany(setBy)) {
      const key = layerKey(layer);
      if (told.has(key)) continue;
      told.add(key);
    }
    const own = bySetter.get(setBy);
    if (own === undefined) bySetter.set(setBy, [layer]);
    else own.push(layer);
  }
  for (const usage of readers) {
    const tree = treeBelow(usage.tree, usage.chroot);
    for (const [setBy, own] of bySetter) {
      if (limit.isFull(setBy)) continue;
      for (const { override, settings: set, doubts } of own) {
        if (!isReadBy(override, usage)) break;
        if (!limit.take(override)) break;
        const label = labelOf(usage.label, '.user.ini', override.directory);
        const changes = changesBy(set, usage.fixedSettings);
        for (const { settings, warnings } of outcomesOf(usage.settings, changes, tree))
          yield {
            ...usage,
            label,
            settings,
            warnings: [...usage.warnings, ...doubts, ...warnings],
            readFrom: [...(usage.readFrom ?? []), printable(override.file)],
          };
      }
    }
  }
}

function changesBy(
  settings: SessionSettings,
  fixed: ReadonlySet<SessionSettingName> | undefined,
): Change[] {
  return Array.from(settings, ([name, setting]) => ({ name, setting, isAtRunTime: true })).filter(
    ({ name }) => fixed?.has(name) !== true,
  );
}

function layersOf(userInis: readonly DirectoryOverride[]): Layer[] {
  const byDirectory = new Map<ByteString, DirectoryOverride[]>();
  for (const override of userInis) {
    const peers = byDirectory.get(override.directory);
    if (peers === undefined) byDirectory.set(override.directory, [override]);
    else peers.push(override);
  }
  return userInis.flatMap((override) =>
    override.roots.map((root) => {
      const settings = new Map<SessionSettingName, Setting>();
      const doubts: Warning[] = [];
      for (const parent of prefixes(override.directory)) {
        if (!isWithin(parent, root)) continue;
        for (const { settings: own, doubts: ownDoubts = [] } of byDirectory.get(parent) ?? []) {
          for (const [name, setting] of own) settings.set(name, over(settings.get(name), setting));
          for (const doubt of ownDoubts) doubts.push(doubt);
        }
      }
      return { override, settings, doubts };
    }),
  );
}

/** The same for layers that say the same, wherever. */
function layerKey({ override, settings }: Layer): string {
  const facts = (setting: Setting): unknown => [
    setting.value,
    setting.setBy,
    setting.displaced === undefined ? null : facts(setting.displaced),
  ];
  const sorted = [...settings].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([override.setBy, sorted.map(([name, setting]) => [name, facts(setting)])]);
}
