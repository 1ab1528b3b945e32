/**
 * What .htaccess and .user.ini files make of the ways in which PHP runs.
 *
 * Invariant: a file counts only for those who read it: .htaccess where Apache runs PHP and AllowOverride
 * lets it, .user.ini for CGI, FPM and LiteSpeed.
 */

import type { Warning } from '../provenance.js';
import type { Usage } from '../usage.js';
import { AccessFiles, withAccessFiles } from './access-file-usages.js';
import type { DirectoryOverride } from './override-files.js';
import { OverrideLimit } from './override-limit.js';
import { type ApacheUsage, distinct } from './usages.js';
import { type OverrideBase, readsUserIni, withUserInis } from './user-ini-usages.js';

/**
 * @param base what was found without overrides; Apache's as apacheUsages() gives them
 * @param warnings is told what was left out
 */
export function overrideUsages(
  overrides: readonly DirectoryOverride[],
  base: readonly (OverrideBase | ApacheUsage)[],
  warnings: Warning[],
): Usage[] {
  return distinct([...withOverrides(overrides, base, new OverrideLimit(warnings))]);
}

function* withOverrides(
  overrides: readonly DirectoryOverride[],
  base: readonly (OverrideBase | ApacheUsage)[],
  limit: OverrideLimit,
): Generator<Usage> {
  const accessFiles = overrides.filter(({ kind }) => kind === '.htaccess');
  const bases = distinctBases(base);
  const index = new AccessFiles(accessFiles);
  for (const usage of bases) if (isApacheUsage(usage)) yield* withAccessFiles(index, usage, limit);
  const userInis = overrides.filter(({ kind }) => kind === '.user.ini');
  const readers = bases.filter((usage) => !isApacheUsage(usage) && readsUserIni(usage));
  yield* withUserInis(userInis, readers, base, limit);
}

function isApacheUsage(usage: OverrideBase | ApacheUsage): usage is ApacheUsage {
  return 'apache' in usage;
}

/** Many pools have the same settings: their users tell them apart, their names do not. */
function distinctBases(
  base: readonly (OverrideBase | ApacheUsage)[],
): readonly (OverrideBase | ApacheUsage)[] {
  const apache: (OverrideBase | ApacheUsage)[] = [];
  const others: OverrideBase[] = [];
  for (const usage of base) (isApacheUsage(usage) ? apache : others).push(usage);
  const unnamed = new Map(
    others.map((usage) => [{ ...usage, label: [...(usage.fixedSettings ?? [])].join() }, usage]),
  );
  return [...apache, ...distinct([...unnamed.keys()]).flatMap((usage) => unnamed.get(usage) ?? [])];
}
