/**
 * What a web server tells PHP-FPM of its settings with each request: `fastcgi_param PHP_VALUE` and
 * `PHP_ADMIN_VALUE` (sapi/fpm/fpm/fpm_main.c, fastcgi_ini_parser()).
 *
 * Invariant: which pool a request goes to is not asked: what is said may hold in each of them, and
 * what they have without it stays beside it.
 */
import { type ByteString, printable } from '../byte-string.js';
import { isLikeConstant, knownConstant } from '../ini/ini-values.js';
import { parseIni } from '../ini/parse-ini.js';
import { parseQuantity } from '../ini/quantity.js';
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
  /** What is said in one block is sent with the same requests. */
  readonly block?: unknown;
  /** Default: nginx. */
  readonly server?: string;
}

const maxUsages = 10_000;
const lifetimeName = 'session.gc_maxlifetime';

type Pool = Usage & { readonly fixedSettings?: ReadonlySet<SessionSettingName> };

/** What is sent with one request. */
interface Sent {
  /** As `PHP_VALUE and PHP_ADMIN_VALUE of nginx`. */
  readonly name: string;
  readonly settings: SessionSettings;
  /** Those that no .user.ini changes any more. */
  readonly fixed: ReadonlySet<SessionSettingName>;
  readonly doubts: readonly Warning[];
}

/**
 * @param base those of FPM among them are what requests reach
 * @param isLifetimeOnly whether it is not sure that it is sent at all: then it may lengthen, but name
 *   no directory
 */
export function phpValueUsages(
  values: readonly PhpValue[],
  base: readonly Pool[],
  { isLifetimeOnly = false }: { readonly isLifetimeOnly?: boolean } = {},
): Pool[] {
  const usages: Pool[] = [];
  const sent = requestsOf(values).map((request) => ({
    ...request,
    settings: isLifetimeOnly
      ? new Map([...request.settings].filter(([name]) => name === lifetimeName))
      : request.settings,
  }));
  const longest = longestLifetime(sent);
  for (const request of sent) {
    for (const pool of base) {
      if (pool.sapi !== 'fpm') continue;
      for (const usage of usagesOf(pool, request, longest)) {
        if (usages.length === maxUsages) return usages;
        usages.push(usage);
      }
    }
  }
  return usages;
}

/**
 * A process of FPM keeps what it was sent for as long as it lives: a request that is sent no lifetime
 * may find another's.
 */
function* usagesOf(
  pool: Pool,
  { name, settings, fixed, doubts }: Sent,
  longest: Setting | undefined,
): Generator<Pool> {
  const isFree = (setting: SessionSettingName) =>
    fixed.has(setting) || pool.fixedSettings?.has(setting) !== true;
  const usage: Pool = {
    ...pool,
    label: `${pool.label} by ${name}`,
    settings: layered(pool.settings, new Map([...settings].filter(([own]) => isFree(own)))),
    fixedSettings: new Set([...(pool.fixedSettings ?? []), ...fixed]),
    warnings: [...pool.warnings, ...doubts],
  };
  yield usage;
  if (longest === undefined || settings.has(lifetimeName) || !isFree(lifetimeName)) return;
  if (!isLonger(longest, usage.settings.get(lifetimeName))) return;
  yield {
    ...usage,
    label: `${usage.label}, in a process that was sent another lifetime`,
    settings: layered(usage.settings, new Map([[lifetimeName, longest]])),
  };
}

/** The last of a name in a block counts; what an administrator says comes later. */
function requestsOf(values: readonly PhpValue[]): Sent[] {
  const blocks = new Map<unknown, Map<PhpValue['name'], PhpValue>>();
  for (const value of values) {
    const block = value.block ?? value;
    const own = blocks.get(block) ?? new Map<PhpValue['name'], PhpValue>();
    blocks.set(block, own.set(value.name, value));
  }
  return [...blocks.values()].flatMap((byName) => {
    const user = byName.get('PHP_VALUE');
    const admin = byName.get('PHP_ADMIN_VALUE');
    const parts = [user, admin].flatMap((value) =>
      value === undefined ? [] : [settingsIn(value)],
    );
    const settings = new Map(parts.flatMap((part) => [...part.settings]));
    const doubts = parts.flatMap((part) => part.doubts);
    if (settings.size === 0 && doubts.length === 0) return [];
    const fixed = new Set(admin === undefined ? [] : settingsIn(admin).settings.keys());
    const { server = 'nginx' } = user ?? admin ?? {};
    return [{ name: `${[...byName.keys()].join(' and ')} of ${server}`, settings, fixed, doubts }];
  });
}

function longestLifetime(sent: readonly Sent[]): Setting | undefined {
  return sent.reduce<Setting | undefined>((longest, { settings }) => {
    const own = settings.get(lifetimeName);
    return own !== undefined && isLonger(own, longest) ? own : longest;
  }, undefined);
}

function isLonger({ value }: Setting, than: Setting | undefined): boolean {
  return than === undefined || parseQuantity(value).value > parseQuantity(than.value).value;
}

function settingsIn(value: PhpValue): Pick<Sent, 'settings' | 'doubts'> {
  const { text, source, setBy } = value;
  const settings = new Map<SessionSettingName, Setting>();
  const doubts: Warning[] = [];
  let unknown: ByteString[] = [];
  const { entries } = parseIni(text, {
    variable: () => undefined,
    constant: (name) => {
      const known = knownConstant(name);
      // PHP knows those of all its extensions by now.
      if (known === undefined && isLikeConstant(name)) unknown.push(name);
      return known;
    },
    entered: ({ key }) => {
      const [name] = unknown;
      unknown = [];
      if (name === undefined || key !== lifetimeName) return;
      const message = `${value.name}: the value of ${printable(name)} is unknown, and so is the lifetime of the sessions`;
      doubts.push({ message, source, hides: setBy });
    },
  });
  for (const { key, offset, value } of entries) {
    const name = sessionSettingNames.find((known) => known === key && known !== 'TMPDIR');
    if (name !== undefined && offset === null) settings.set(name, { value, source, setBy });
  }
  const doubt = doubtOf(value);
  return { settings, doubts: doubt === null ? doubts : [...doubts, doubt] };
}

/** Variables of nginx are the request's. */
function doubtOf({ name, text, source, setBy }: PhpValue): Warning | null {
  if (!text.includes('$') || !/^\s*\$|session\.|sys_temp_dir/.test(text)) return null;
  return {
    message: `${name} contains a variable, so the lifetime of the sessions is unknown`,
    source,
    hides: setBy,
  };
}
