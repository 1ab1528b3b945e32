/**
 * The monitors of this machine: processes that run `sescle` or `sescle watch`, and whether systemd is
 * told to start one.
 *
 * Invariant: only /proc and unit files are read; what cannot be read is no monitor.
 */
import { readlinkSync, statSync } from 'node:fs';
import { fileText } from '../file-text.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { listPids } from '../php/processes/proc-files.js';
import { unitDirectories } from '../php/processes/unit-files.js';
import { isTableName } from '../stores/named-tables.js';

export interface Monitor {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** Of -c, absolute; null: the usual one. */
  readonly configuration: string | null;
  /** The directories and tables that it was started for; none: every store that it finds. */
  readonly directories: readonly string[];
}

/** What its command line may be: the link that npm makes, or the file that it leads to. */
const program = /(?:^|\/)(?:sescle|sescle\/dist\/cli\/main\.js|dist\/cli\/main\.js)$/;

/** @param proc where the proc file system is */
export function runningMonitors(proc = '/proc'): Monitor[] {
  const pids = listPids(proc);
  if (pids instanceof Unreadable) return [];
  return pids.flatMap((pid) => {
    if (pid === process.pid) return [];
    const words = fileText(`${proc}/${pid}/cmdline`).split('\0');
    if (!isMonitor(words)) return [];
    try {
      const { ctimeMs: startedMs } = statSync(`${proc}/${pid}`);
      const configuration = configurationOf(words, () => readlinkSync(`${proc}/${pid}/cwd`));
      const directories = directoriesOf(words);
      return [{ pid, startedMs, configuration, directories }];
    } catch {
      // It has ended.
      return [];
    }
  });
}

/** @param words a command line, with or without the interpreter */
export function isMonitor(words: readonly string[]): boolean {
  const at = words.slice(0, 2).findIndex((word) => program.test(word));
  if (at < 0) return false;
  const [first = ''] = words.slice(at + 1);
  return first === 'watch' || first === '' || (first.startsWith('-') && !isQuestion(first));
}

function configurationOf(words: readonly string[], cwd: () => string): string | null {
  const at = words.findIndex((word) => word === '-c' || word === '--config');
  const joined = words.find((word) => word.startsWith('--config='))?.slice('--config='.length);
  const given = joined ?? (at < 0 ? undefined : words[at + 1]);
  if (given === undefined) return null;
  return given.startsWith('/') ? given : `${cwd()}/${given}`;
}

/** Options without a value: what follows them is a directory. */
const isSwitch = /^(?:-[nvq]+|--(?:dry-run|verbose|quiet|strict|nice|wait|json))$/;

/** The SAVE_PATHs of `sescle watch`, without their depth, and the names of tables. */
export function directoriesOf(words: readonly string[]): string[] {
  const at = words.indexOf('watch');
  if (at < 0) return [];
  return words.slice(at + 1).flatMap((word, index, all) => {
    const [, path] = /^(?:\d+;(?:\d+;)?)?(\/.*?)\/*$/.exec(word) ?? [];
    const directory = isTableName(word) ? word : path;
    const before = index === 0 ? '' : (all[index - 1] ?? '');
    const isValue = before.startsWith('-') && !before.includes('=') && !isSwitch.test(before);
    return directory === undefined || isValue ? [] : [directory];
  });
}

function isQuestion(option: string): boolean {
  return ['-h', '--help', '-V', '--version'].includes(option);
}

/** sescle's units that systemd starts, as `sescle.service`. */
export function enabledUnits(tree: FileTree): string[] {
  const wanted = [
    ['multi-user.target.wants', 'sescle.service'],
    ['timers.target.wants', 'sescle-sweep.timer'],
  ] as const;
  return wanted.flatMap(([target, unit]) =>
    unitDirectories.some((directory) => isThere(tree, `${directory}/${target}/${unit}`))
      ? [unit]
      : [],
  );
}

/** A link whose unit is gone starts nothing. */
function isThere(tree: FileTree, path: string): boolean {
  const place = tree.find(path);
  return !(place instanceof Unreadable) && place.stat.isFile();
}

/** Lines of cron that sweep. */
export function cronSweeps(tree: FileTree): string[] {
  const names = tree.list('/etc/cron.d');
  const files = names instanceof Unreadable ? [] : names.filter((name) => /^[\w-]+$/.test(name));
  return ['/etc/crontab', ...files.map((name) => `/etc/cron.d/${name}`)].filter((file) => {
    const found = tree.read(file);
    if (found instanceof Unreadable) return false;
    return found.text
      .split('\n')
      .some((line) => !line.trim().startsWith('#') && /\bsescle\s+sweep\b/.test(line));
  });
}
