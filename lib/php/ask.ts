/**
 * Asks PHP itself: what its builders compiled in, and which values it ends up with.
 *
 * Invariant: nothing is run but what root alone could have written: the interpreter, every directory
 * above it, the ini files that it would read and the extensions that these name, all of which are
 * looked at first. Never for a tree that is not this machine's own. What is learnt says so; what is
 * not says why, and the static reading stands.
 */
import { randomBytes } from 'node:crypto';
import { type ByteString, fromBytes, printable } from './byte-string.js';
import { demotionOf } from './demotion.js';
import { type FileTree, Unreadable } from './file-tree.js';
import { type IniConfiguration, readIniFiles } from './ini/ini-files.js';
import { dialectOf } from './ini/scan-rules.js';
import type { Setting, Source, Warning } from './provenance.js';
import { RunFailure, type RunLimits, runPhp } from './run-php.js';
import { distrust, distrustConfiguration } from './trust.js';
import { type SessionSettingName, type SessionSettings, sessionSettingNames } from './usage.js';

/** What an interpreter is without any ini file. */
export interface CompiledIn {
  /** As it was asked for. */
  readonly binary: ByteString;
  /** As `8.2.36`. */
  readonly version: ByteString;
  /** Where it looks for php.ini: its own directory, and PHP_CONFIG_FILE_PATH. */
  readonly searchDirs: readonly ByteString[];
  readonly scanPath: ByteString;
  readonly extensionDir: ByteString;
  /** The defaults; without those of sessions where ext/session is a shared extension. */
  readonly settings: SessionSettings;
  readonly warnings: readonly Warning[];
}

/** What PHP uses with its ini files. */
export interface AskedSettings {
  /** As PHP says; with `file:line` where the files say the same. */
  readonly settings: SessionSettings;
  /** The files, as they were read before PHP was run. */
  readonly ini: IniConfiguration;
  readonly warnings: readonly Warning[];
}

/** Which configuration PHP is asked about. */
export interface PhpQuestion {
  /** `-c`, as `/etc/php/8.2/fpm` to learn FPM's values from the command line's interpreter. */
  readonly override?: ByteString | undefined;
  /** PHPRC and PHP_INI_SCAN_DIR, from someone who may say so; all else is ignored. */
  readonly environment?: ReadonlyMap<ByteString, ByteString> | undefined;
}

/** PHP was not run, or did not answer. */
export class NotAsked {
  constructor(
    readonly warning: Warning,
    readonly reason: string,
  ) {}
}

/** Nothing that runs, logs, waits or prints beside the answer; and no session is started. */
const options = [
  'auto_append_file=',
  'auto_prepend_file=',
  'disable_functions=',
  'display_errors=0',
  'display_startup_errors=0',
  'ffi.preload=',
  'log_errors=0',
  'opcache.enable_cli=0',
  'opcache.preload=',
  'output_buffering=0',
  'output_handler=',
  'session.auto_start=0',
  'xdebug.mode=off',
  'zlib.output_compression=0',
].flatMap((option) => ['-d', option]);

const constantNames = [
  'PHP_VERSION',
  'PHP_BINARY',
  'PHP_EXTENSION_DIR',
  'PHP_CONFIG_FILE_PATH',
  'PHP_CONFIG_FILE_SCAN_DIR',
] as const;

/** Asks for what was compiled in: one run with `-n`, which loads no ini file and no extension. */
export async function askCompiledIn(
  tree: FileTree,
  binary: ByteString,
  limits: RunLimits = {},
): Promise<CompiledIn | NotAsked> {
  const refusal = refuse(tree, binary);
  if (refusal !== null) return notAsked(binary, refusal);
  const answer = await answerOf(tree, binary, ['-n'], new Map(), limits);
  if (answer instanceof NotAsked) return answer;
  const constant = (name: (typeof constantNames)[number]) => answer.get(name) ?? '';
  const itself = constant('PHP_BINARY');
  const directory = itself.slice(0, Math.max(0, itself.lastIndexOf('/')));
  const source: Source = { kind: 'php', binary };
  return {
    binary,
    version: constant('PHP_VERSION'),
    searchDirs: [directory, constant('PHP_CONFIG_FILE_PATH')].filter((path) => path !== ''),
    scanPath: constant('PHP_CONFIG_FILE_SCAN_DIR'),
    extensionDir: constant('PHP_EXTENSION_DIR'),
    settings: settingsOf(answer, (value) => ({ value, source, setBy: 0 })),
    warnings: demotionWarnings(tree, source),
  };
}

/** Asks for the values that PHP uses with its ini files. */
export async function askSettings(
  tree: FileTree,
  compiledIn: CompiledIn,
  { override, environment = new Map() }: PhpQuestion = {},
  limits: RunLimits = {},
): Promise<AskedSettings | NotAsked> {
  const { binary, version, searchDirs, scanPath, extensionDir } = compiledIn;
  const allowed = new Map(
    [...environment].filter(([name]) => name === 'PHPRC' || name === 'PHP_INI_SCAN_DIR'),
  );
  const ini = readIniFiles(tree, {
    sapiName: 'cli',
    override,
    searchDirs,
    scanPath,
    environment: allowed,
    isAsked: true,
    dialect: dialectOf(version),
  });
  const refusal =
    refuse(tree, binary) ??
    distrustConfiguration(tree, ini, extensionDir) ??
    hiddenFromNobody(tree, ini);
  if (refusal !== null) return notAsked(binary, refusal);
  const args = override === undefined ? [] : ['-c', override];
  const answer = await answerOf(tree, binary, args, allowed, limits);
  if (answer instanceof NotAsked) return answer;
  const source: Source = { kind: 'php', binary };
  const settings = settingsOf(answer, (value, name) => {
    const read = ini.settings.get(name);
    return read?.value === value ? read : { value, source, setBy: 0 };
  });
  const differing = [...ini.settings].filter(([name, { value }]) => {
    const said = settings.get(name);
    return said !== undefined && said.value !== value;
  });
  return {
    settings,
    ini,
    warnings: [
      ...ini.warnings,
      ...differing.map(([name, { value, source: read }]) => ({
        message: `${name} is ${printable(value)} here, but ${printable(binary)} says ${printable(settings.get(name)?.value ?? '')}`,
        source: read,
      })),
    ],
  };
}

/** Why an interpreter is not to be run; null where it may be. */
function refuse(tree: FileTree, binary: ByteString): string | null {
  if (!tree.isHost) return 'it is not of this machine’s own root';
  const reason = distrust(tree, binary);
  if (reason !== null) return reason;
  const place = tree.find(binary);
  if (place instanceof Unreadable) return `it cannot be looked at: ${place.reason}`;
  return place.stat.isFile() ? null : 'it is not a regular file';
}

/** FPM and Apache read their files as root; as nobody PHP would go without those it may not read. */
function hiddenFromNobody(tree: FileTree, { files }: IniConfiguration): string | null {
  if (demotionOf(tree) === 'none') return null;
  for (const { path } of files) {
    const place = tree.find(path);
    if (place instanceof Unreadable) return `${printable(path)} is gone`;
    const directories = place.path
      .split('/')
      .map((_, index, parts) => parts.slice(0, index).join('/'));
    const isHidden = directories.some((directory) => {
      const above = tree.find(directory === '' ? '/' : directory);
      return above instanceof Unreadable || (above.stat.mode & 0o001) === 0;
    });
    if (isHidden || (place.stat.mode & 0o004) === 0)
      return `${printable(path)} cannot be read by everyone, and sescle would run it as nobody`;
  }
  return null;
}

/** Runs PHP once; what it says of itself, by name. Whatever else it prints is ignored. */
async function answerOf(
  tree: FileTree,
  binary: ByteString,
  args: readonly ByteString[],
  environment: ReadonlyMap<ByteString, ByteString>,
  limits: RunLimits,
): Promise<ReadonlyMap<string, ByteString> | NotAsked> {
  const marker = randomBytes(16).toString('hex');
  const command = { binary, args: [...args, ...options, '-r', script(marker)], environment };
  const output = await runPhp(tree, command, limits);
  if (output instanceof RunFailure) return notAsked(binary, `it ${output.reason}`);
  const answer = new Map<string, ByteString>();
  for (const [, name = '', hex = ''] of output.matchAll(
    new RegExp(`^${marker} (\\S+) ((?:[0-9a-f]{2})*)$`, 'gm'),
  )) {
    answer.set(name, fromBytes(Buffer.from(hex, 'hex')));
  }
  // Whoever died half way has not said all.
  if (!answer.has('end')) return notAsked(binary, 'it does not look like PHP: it did not answer');
  return answer;
}

/** Only what every build of PHP has; no JSON, which may be missing. */
function script(marker: string): ByteString {
  const constants = constantNames.map((name) => `'${name}' => ${name}`).join(', ');
  const settings = sessionSettingNames.map((name) => `'${name}'`).join(', ');
  return [
    `$answer = [${constants}];`,
    `foreach ([${settings}] as $name) { $answer[$name] = ini_get($name); }`,
    `$answer['end'] = '';`,
    'foreach ($answer as $name => $value)',
    `if ($value !== false) echo "\\n${marker} $name ", bin2hex($value), "\\n";`,
  ].join(' ');
}

function settingsOf(
  answer: ReadonlyMap<string, ByteString>,
  toSetting: (value: ByteString, name: SessionSettingName) => Setting,
): SessionSettings {
  const settings = new Map<SessionSettingName, Setting>();
  for (const name of sessionSettingNames) {
    const value = answer.get(name);
    // Empty, as almost always, it decides nothing.
    if (name === 'open_basedir' && value === '') continue;
    if (value !== undefined) settings.set(name, toSetting(value, name));
  }
  return settings;
}

function demotionWarnings(tree: FileTree, source: Source): Warning[] {
  if (demotionOf(tree) !== 'spawn') return [];
  const message = 'ran as nobody but without no_new_privs, because setpriv is not installed';
  return [{ message, source }];
}

function notAsked(binary: ByteString, reason: string): NotAsked {
  const message = `${printable(binary)} was not run; sescle only read its ini files: ${reason}`;
  return new NotAsked({ message, source: { kind: 'php', binary } }, reason);
}
