/**
 * What a virtual host's `phpIniOverride` makes of lsphp: LSAPI sends it with each request
 * (sapi/litespeed/lsapi_main.c, alter_ini()).
 *
 * Invariant: which lsphp serves a host is not asked: what is said may hold in each of them, and what
 * they have without it stays beside it.
 */
import type { Warning } from '../provenance.js';
import { layered, type SessionSettingName, type Usage } from '../usage.js';
import type { IniOverride } from './read-openlitespeed.js';

type Lsphp = Usage & { readonly fixedSettings?: ReadonlySet<SessionSettingName> };

const maxUsages = 10_000;

/** @param warnings is told what was left out */
export function iniOverrideUsages(
  overrides: readonly IniOverride[],
  base: readonly Lsphp[],
  warnings: Warning[],
): Lsphp[] {
  const usages: Lsphp[] = [];
  const lsphps = base.filter(({ sapi }) => sapi === 'litespeed');
  for (const { host, settings, fixed } of overrides) {
    for (const usage of lsphps) {
      if (usages.length === maxUsages) {
        const message = `more than ${maxUsages} combinations with phpIniOverride: sescle ignores the rest`;
        warnings.push({ message, hides: 0 });
        return usages;
      }
      usages.push({
        ...usage,
        label: `${usage.label} by phpIniOverride of ${host}`,
        site: `litespeed ${host}`,
        settings: layered(usage.settings, settings),
        fixedSettings: new Set([...(usage.fixedSettings ?? []), ...fixed]),
      });
    }
  }
  return usages;
}
