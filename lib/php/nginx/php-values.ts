/**
 * What a web server tells PHP-FPM of its settings with each request: `fastcgi_param PHP_VALUE` and
 * `PHP_ADMIN_VALUE` (sapi/fpm/fpm/fpm_main.c, fastcgi_ini_parser()).
 *
 * Invariant: which pool a request goes to is not asked: what is said may hold in each of them, and
 * what they have without it stays beside it.
 */
import type { ByteString } from '../byte-string.js';
import { parseIni } from '../ini/parse-ini.js';
import type { Setting, Source, Warning } from '../provenance.js';
import {
  layered,
  type SessionSettingName,
  type SessionSettings,
  sessionSettingNames,
  type Usage,
} from '../usage.js';

export interface PhpValue {
  readonly name: 'PHP_VALUE' | 'PHP_ADMIN_VALUE';
  /** Lines as in php.ini. */
  readonly text: ByteString;
  readonly source: Source;
  readonly setBy: Setting['setBy'];
}

const maxUsages = 10_000;

/** @param base those of FPM among them are what requests reach */
export function phpValueUsages(
  values: readonly PhpValue[],
  base: readonly (Usage & { readonly fixedSettings?: ReadonlySet<string> })[],
): Usage[] {
  const usages: Usage[] = [];
  const pools = base.filter(({ sapi }) => sapi === 'fpm');
  for (const value of values) {
    const settings = settingsIn(value);
    const doubt = doubtOf(value);
    if (settings.size === 0 && doubt === null) continue;
    for (const pool of pools) {
      if (usages.length === maxUsages) return usages;
      const isFree = (name: string) =>
        value.name === 'PHP_ADMIN_VALUE' || pool.fixedSettings?.has(name) !== true;
      usages.push({
        ...pool,
        label: `${pool.label} by ${value.name} of nginx`,
        settings: layered(pool.settings, new Map([...settings].filter(([name]) => isFree(name)))),
        warnings: doubt === null ? pool.warnings : [...pool.warnings, doubt],
      });
    }
  }
  return usages;
}

function settingsIn({ text, source, setBy }: PhpValue): SessionSettings {
  const settings = new Map<SessionSettingName, Setting>();
  const nothing = { variable: () => undefined, constant: () => undefined };
  for (const { key, offset, value } of parseIni(text, nothing).entries) {
    const name = sessionSettingNames.find((known) => known === key && known !== 'TMPDIR');
    if (name !== undefined && offset === null) settings.set(name, { value, source, setBy });
  }
  return settings;
}

/** Variables of nginx are the request's. */
function doubtOf({ name, text, source, setBy }: PhpValue): Warning | null {
  if (!text.includes('$') || !/^\s*\$|session\.|sys_temp_dir/.test(text)) return null;
  return {
    message: `${name} holds a variable: how long sessions live is not known`,
    source,
    hides: setBy,
  };
}
