/**
 * The configuration that a running process was given by its arguments and its environment.
 *
 * Invariant: every value has the process as its source and the process's own trust, `setBy`. Paths
 * that were given relative are made absolute by the process's own working directory, or left as
 * they are; never by ours.
 */
import type { ByteString } from '../byte-string.js';
import type { IniContext, IniEntry } from '../ini/ini.js';
import { knownConstant } from '../ini/ini-values.js';
import { parseIni } from '../ini/parse-ini.js';
import { dialectOf } from '../ini/scan-rules.js';
import type { Setting } from '../provenance.js';
import { type SessionSettingName, type SessionSettings, sessionSettingNames } from '../usage.js';
import {
  type ApacheArguments,
  apacheArguments,
  type PhpArguments,
  phpArguments,
} from './arguments.js';
import type { PhpProcess } from './process.js';

/** Where it has its php.ini from. */
export interface ProcessIniOptions {
  /** `-c`: a file or a directory, and no other place is looked in. */
  readonly path: ByteString | null;
  /** PHPRC: a file or a directory, looked in before the usual places; without meaning beside `-c`. */
  readonly phprc: ByteString | null;
  /** `-n`: no php.ini but that of `-c`, and no scan directories. */
  readonly noIni: boolean;
  /** PHP_INI_SCAN_DIR as it is: a list parted by colons; '' for none; null leaves PHP's own. */
  readonly scanDir: ByteString | null;
  /** The text of an ini file that PHP makes of all `-d`, and reads after every other. */
  readonly defines: ByteString;
}

export interface ProcessSettings {
  readonly settings: SessionSettings;
  readonly iniOptions: ProcessIniOptions;
  readonly fpm: {
    readonly configFile: ByteString | null;
    readonly prefix: ByteString | null;
  } | null;
  readonly apache: ApacheArguments | null;
}

const noArguments: PhpArguments = {
  iniPath: null,
  noIni: false,
  defines: [],
  fpmConfig: null,
  fpmPrefix: null,
};

/**
 * @param context what `${NAME}` and constants in the values of `-d` stand for, where more is known
 *   than the process's environment
 */
export function processSettings(
  process: PhpProcess,
  context: Partial<IniContext> = {},
): ProcessSettings {
  const isApache = process.sapi === 'apache2';
  const words = process.arguments?.slice(1) ?? [];
  const given = isApache ? noArguments : phpArguments(process.sapi, words);
  const variable = (name: ByteString) => process.environment?.get(name);
  const defines = definesText(given.defines);
  const phprc = variable('PHPRC');
  return {
    settings: settingsOf(process, defines, {
      variable,
      constant: knownConstant,
      ...context,
    }),
    iniOptions: {
      path: absolutePath(process, given.iniPath),
      phprc: phprc === undefined || phprc === '' ? null : absolutePath(process, phprc),
      noIni: given.noIni,
      scanDir: variable('PHP_INI_SCAN_DIR') ?? null,
      defines,
    },
    fpm:
      process.sapi === 'fpm'
        ? {
            configFile: absolutePath(process, configFileOfTitle(process.title) ?? given.fpmConfig),
            prefix: absolutePath(process, given.fpmPrefix),
          }
        : null,
    apache: isApache ? apacheArguments(words) : null,
  };
}

function settingsOf(
  process: PhpProcess,
  defines: ByteString,
  context: IniContext,
): SessionSettings {
  const { sapi, version, environment } = process;
  const setting = (value: ByteString): Setting => saidBy(process, value);
  const settings = new Map<SessionSettingName, Setting>();
  for (const { section, key, offset, value } of parseIni(defines, context, dialectOf(version))
    .entries) {
    const name = sessionSettingNames.find((known) => known === key);
    if (name === undefined || name === 'TMPDIR' || offset !== null || isConditional(section))
      continue;
    settings.set(name, setting(value));
  }
  const temporary = environment?.get('TMPDIR');
  // FPM's workers do not have its environment, but for pools with clear_env = no.
  if (temporary !== undefined && temporary !== '' && sapi !== 'fpm')
    settings.set('TMPDIR', setting(temporary));
  return settings;
}

/** What it was started with is its own word. */
export function saidBy({ pid, source, setBy }: PhpProcess, value: ByteString): Setting {
  return { value, source: source ?? { kind: 'process', pid }, setBy };
}

/** `[PATH=…]` and `[HOST=…]` hold for some requests only; other sections mean nothing to PHP. */
function isConditional(section: IniEntry['section']): boolean {
  return section !== null && /^(?:PATH|HOST)/i.test(section);
}

/** What PHP makes of the values of `-d` (main/php_ini_builder.c). */
export function definesText(defines: readonly ByteString[]): ByteString {
  return defines.map(defineLine).join('');
}

function defineLine(define: ByteString): ByteString {
  const equals = define.indexOf('=');
  if (equals < 0) return `${define}=1\n`;
  const value = define.slice(equals + 1);
  return value === '' || /^[A-Za-z0-9"']/.test(value)
    ? `${define}\n`
    : `${define.slice(0, equals + 1)}"${value}"\n`;
}

/** As in `php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)`: what FPM itself went by. */
export function configFileOfTitle(title: ByteString | null): ByteString | null {
  return /^php-fpm: master process \((.+)\)$/s.exec(title ?? '')?.[1] ?? null;
}

/** By the process's own working directory; as it is where that is not known. */
export function absolutePath(
  { workingDirectory }: PhpProcess,
  path: ByteString | null,
): ByteString | null {
  if (path === null || path.startsWith('/') || workingDirectory === null) return path;
  return workingDirectory === '/' ? `/${path}` : `${workingDirectory}/${path}`;
}
