/**
 * FrankenPHP's own settings of PHP: `php_ini` in the `frankenphp` block of a Caddyfile's global options
 * (frankenphp's caddy/app.go), which override php.ini for all sites.
 *
 * Invariant: what is not understood (an import that could bring more, a value that Caddy computes, a
 * configuration that is no Caddyfile) is told in a warning that hides the process's word. Each value
 * has its line, and is at most the word of the process, which could read any other file.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, displacing, type Setting, type Warning } from '../provenance.js';
import { type SessionSettingName, type SessionSettings, sessionSettingNames } from '../usage.js';
import { type CaddyLine, caddyLines, NotUnderstood, withEnvironment } from './caddy-lines.js';
import type { PhpProcess } from './process.js';
import { absolutePath } from './settings.js';

export interface CaddyfileSettings {
  /** To be laid over those of php.ini. */
  readonly settings: SessionSettings;
  readonly warnings: readonly Warning[];
}

const maxCaddyfileBytes = 1024 * 1024;
const nothing: CaddyfileSettings = { settings: new Map(), warnings: [] };

/** @param tree the files that the process sees */
export function caddyfileSettings(tree: FileTree, process: PhpProcess): CaddyfileSettings {
  if (process.sapi !== 'frankenphp') return nothing;
  const lost = (what: string, file?: ByteString, line?: number): CaddyfileSettings => ({
    settings: new Map(),
    warnings: [lostWarning(process, what, file, line)],
  });
  if (process.arguments === null) return lost('its arguments are not known');
  const given = caddyArguments(process.arguments.slice(1));
  if (given instanceof NotUnderstood) return lost(given.what);
  if (given === null) return nothing;
  // Without --config it takes what lies in the directory that it was started in, if that is there.
  const file = absolutePath(process, given.config ?? 'Caddyfile') ?? '';
  if (!file.startsWith('/')) return lost('its working directory is unknown');
  const found = tree.read(file, maxCaddyfileBytes);
  if (found instanceof Unreadable) {
    if (given.config === null && found.isMissing) return nothing;
    return lost(`${printable(file)} cannot be read (${found.reason})`);
  }
  const text = withEnvironment(found.text, process.environment);
  if (text instanceof NotUnderstood) return lost(text.what, found.path, text.line);
  const settings = new Map<SessionSettingName, Setting>();
  const warnings: Warning[] = [];
  for (const entry of iniEntries(text)) {
    if (entry instanceof NotUnderstood) {
      warnings.push(lostWarning(process, entry.what, found.path, entry.line));
      continue;
    }
    const name = sessionSettingNames.find((known) => known === entry.name);
    if (name === undefined || name === 'TMPDIR') continue;
    const setting: Setting = {
      value: entry.value,
      source: { kind: 'file', file: found.path, line: entry.line },
      setBy: bothSetters(found.setBy, process.setBy),
    };
    settings.set(name, displacing(setting, settings.get(name)));
  }
  return { settings, warnings };
}

function lostWarning(
  { label, pid, setBy }: PhpProcess,
  what: string,
  file?: ByteString,
  line = 1,
): Warning {
  return {
    message:
      `${label} (process ${pid}) may have php_ini settings that are not known, since ${what}: ` +
      'write them plainly into its Caddyfile or into php.ini',
    source: file === undefined ? { kind: 'process', pid } : { kind: 'file', file, line },
    hides: setBy,
  };
}

/** @returns null where no Caddyfile is read; `config` null: the one in its working directory */
export function caddyArguments(
  words: readonly ByteString[],
): { config: ByteString | null } | NotUnderstood | null {
  let config: ByteString | null = null;
  let command: ByteString | null = null;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') {
      command ??= word;
      // PHP's own server and command line.
      if (command === 'php-server' || command === 'php-cli') return null;
      continue;
    }
    const [, name = '', equals] = /^--?([A-Za-z-]*)(=?)/s.exec(word) ?? [];
    const value = () => {
      if (equals === '=') return word.slice(word.indexOf('=') + 1);
      at += 1;
      return words[at] ?? '';
    };
    switch (name) {
      case 'c':
      case 'config':
        config = value();
        break;
      case 'a':
      case 'adapter': {
        const adapter = value();
        if (adapter !== 'caddyfile' && adapter !== '')
          return new NotUnderstood(
            `it reads its configuration through the adapter ${printable(adapter)}`,
          );
        break;
      }
      case 'pidfile':
      case 'pingback':
        value();
        break;
      case 'w':
      case 'watch':
      case 'e':
      case 'environ':
        break;
      default:
        return new NotUnderstood(`its option ${printable(word)} is not understood`);
    }
  }
  if (config === '-') return new NotUnderstood('its configuration came from its input');
  if (config?.endsWith('.json') === true)
    return new NotUnderstood(`${printable(config)} is no Caddyfile`);
  return { config };
}

interface IniEntry {
  readonly name: ByteString;
  readonly value: ByteString;
  readonly line: number;
}

/** Those of the global options, which come first in the file. */
function* iniEntries(text: ByteString): Generator<IniEntry | NotUnderstood> {
  /** The blocks that it is in, by their names; `''` for the global options. */
  const blocks: ByteString[] = [];
  for (const line of caddyLines(text)) {
    if (line instanceof NotUnderstood) {
      yield line;
      return;
    }
    const { words, opens, closes, line: number } = line;
    const [name = ''] = words;
    if (closes) {
      if (blocks.pop() === '') return;
      continue;
    }
    if (blocks.length === 0) {
      const isSnippet = /^\(.*\)$/s.test(name);
      if (name === 'import') yield new NotUnderstood('an import stands before its options', number);
      // Sites begin here.
      else if (!opens || (words.length > 0 && !isSnippet)) return;
    } else if (isFrankenphp(blocks)) {
      const entry = entryOf(line, blocks);
      if (entry !== null) yield entry;
    } else if (blocks.length === 1 && blocks[0] === '' && name === 'import') {
      yield new NotUnderstood('an import stands in its options', number);
    }
    if (opens) blocks.push(name);
  }
}

function isFrankenphp([outer, inner, ini, ...deeper]: readonly ByteString[]): boolean {
  return (
    outer === '' &&
    inner === 'frankenphp' &&
    (ini === undefined || ini === 'php_ini') &&
    deeper.length === 0
  );
}

function entryOf(
  { words, opens, line }: CaddyLine,
  blocks: readonly ByteString[],
): IniEntry | NotUnderstood | null {
  if (words[0] === 'import') return new NotUnderstood('an import stands in its options', line);
  const isInBlock = blocks.length === 3;
  if (!isInBlock && (words[0] !== 'php_ini' || opens)) return null;
  const [name, value, ...more] = isInBlock ? words : words.slice(1);
  if (name === undefined || value === undefined || more.length > 0 || opens)
    return new NotUnderstood('a php_ini is not understood', line);
  // {env.NAME} and the like.
  if (name.includes('{') || value.includes('{'))
    return new NotUnderstood('a php_ini holds a placeholder', line);
  return { name, value, line };
}
