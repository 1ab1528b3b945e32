/**
 * How PHP runs in each pool: php.ini's settings, with the pool's own over them.
 *
 * Invariant: a pool's value counts whatever it is, the empty string too. Where someone other than
 * root could choose the chroot, no path below it is root's word any more.
 */
import { printable } from '../byte-string.js';
import type { FileTree } from '../file-tree.js';
import { bothSetters, type Setting } from '../provenance.js';
import { layered, type SessionSettingName, type SessionSettings, type Usage } from '../usage.js';
import type { FpmPool } from './pool.js';

export interface FpmUsageOptions {
  /** What stands before the pool's name, as `php8.2-fpm`. */
  readonly label: string;
  readonly tree: FileTree;
}

/** Those whose values are paths, which a chroot moves. */
const pathSettings: ReadonlySet<SessionSettingName> = new Set([
  'session.save_path',
  'sys_temp_dir',
  'TMPDIR',
]);

/**
 * @param base php.ini's settings, the defaults among them, and the TMPDIR of the master's environment
 */
export function fpmUsages(
  pools: readonly FpmPool[],
  base: SessionSettings,
  { label, tree }: FpmUsageOptions,
): Usage[] {
  return pools.map((pool) => ({
    label: labelOf(label, pool),
    site: `${label} pool ${printable(pool.name)}`,
    sapi: 'fpm',
    tree,
    runsAs: pool.user,
    chroot: pool.chroot,
    settings: merge(pool, base),
    warnings: pool.warnings,
  }));
}

function labelOf(label: string, { name, isRootsAlone }: FpmPool): string {
  return `${label} pool ${printable(name)}${isRootsAlone ? ', by root’s lines alone' : ''}`;
}

function merge(pool: FpmPool, base: SessionSettings): SessionSettings {
  const inherited = new Map(base);
  if (pool.clearEnv) inherited.delete('TMPDIR');
  const merged = new Map<SessionSettingName, Setting>(layered(inherited, pool.settings));
  // What root says in the pool comes before what root says in php.ini.
  for (const [name, setting] of pool.settings)
    if (setting.displaced !== undefined) merged.set(name, setting);
  if (pool.chrootSetBy === 0) return merged;
  for (const name of pathSettings) {
    const setting = merged.get(name);
    if (setting === undefined) continue;
    merged.set(name, { ...setting, setBy: bothSetters(setting.setBy, pool.chrootSetBy) });
  }
  return merged;
}
