/**
 * What a process was started with, where it does not show that itself: FPM and LSAPI overwrite their
 * arguments, FPM its environment too. Its own memory tells of php.ini and `-d`; the service or the
 * container that it runs in, or the supervisor that it has there, of the rest.
 *
 * Invariant: what it was started with is known whole or not at all; where it is not, the process says
 * so, with a warning that hides its word. Nothing is believed beyond the process's own trust.
 */
import type { ByteString } from '../byte-string.js';
import { FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, type Warning } from '../provenance.js';
import { phpArguments } from './arguments.js';
import { containerCommandOf } from './container-command.js';
import { readPhpStart } from './php-memory.js';
import { ProcFiles } from './proc-files.js';
import type { PhpProcess, PhpStart } from './process.js';
import { nameOf, programOf } from './program.js';
import { stillRuns } from './read-processes.js';
import { absolutePath, configFileOfTitle } from './settings.js';
import { supervisedCommand, supervisorAt } from './supervisor-command.js';
import { type StartCommand, startCommandOf } from './unit-command.js';

/**
 * Fills in what a process hides.
 *
 * @param host this machine's own files, which `process.unit` belongs to
 * @returns the process as it was, if it hides nothing; with a warning for its usages, if nothing sure
 *   is known
 */
export function withStartCommand(
  process: PhpProcess,
  host: FileTree,
  proc: ByteString = '/proc',
): PhpProcess {
  if (process.arguments !== null || process.master !== null) return process;
  const command = commandFor(process, host);
  // Nobody but root has a say in the memory of what is purely root's, nor can keep us waiting there.
  const start = process.setBy === 0 ? startOf(process, proc) : new Unreadable('not root');
  if (!(start instanceof Unreadable)) return asStarted(process, start, command);
  if (command instanceof Unreadable) return withoutStart(process, command.reason);
  const filled: PhpProcess = {
    ...process,
    arguments: command.arguments,
    // LSAPI leaves its environment as it is.
    environment: process.environment ?? command.environment,
    setBy: bothSetters(process.setBy, command.setBy),
  };
  return contradictsTitle(filled)
    ? withoutStart(process, 'what starts it now names another configuration')
    : filled;
}

/** @returns Unreadable also if the pid has become another's meanwhile */
function startOf(process: PhpProcess, proc: ByteString): PhpStart | Unreadable {
  const start = readPhpStart(new ProcFiles(proc, process.pid), process.sapi);
  return stillRuns(process, proc) ? start : new Unreadable('it has ended');
}

/** The files and `-d` that it remembers, and the environment and `-p` of what starts it. */
function asStarted(
  process: PhpProcess,
  { defines, environment, ...iniFiles }: PhpStart,
  command: StartCommand | Unreadable,
): PhpProcess {
  const isKnown = !(command instanceof Unreadable);
  const words = isKnown ? command.arguments.slice(1) : [];
  const { fpmPrefix } = phpArguments(process.sapi, words);
  return {
    ...process,
    arguments: [
      process.exe ?? process.label,
      ...(fpmPrefix === null ? [] : ['-p', fpmPrefix]),
      ...defines.flatMap((define) => ['-d', define]),
    ],
    environment: environment ?? process.environment ?? (isKnown ? command.environment : null),
    iniFiles,
  };
}

function commandFor(process: PhpProcess, host: FileTree): StartCommand | Unreadable {
  if (process.container !== null && process.container !== undefined)
    return containerStart(process, process.container, host);
  if (process.unit === null) return new Unreadable('it is no service of systemd');
  const command = startCommandOf(host, process.unit);
  if (command instanceof Unreadable) return command;
  const [path = '', ...words] = command.arguments;
  if (isProgramOf(process, path, host)) return command;
  return supervisorAt([path]) === 0
    ? supervisedCommand(host, { ...command, words }, (word) =>
        isNamedBy(process, word, host, command),
      )
    : new Unreadable(`the unit ${process.unit} starts another program`);
}

/** A word that the program was found by, which may be in PATH. */
function isNamedBy(
  process: PhpProcess,
  word: ByteString,
  tree: FileTree | null,
  { environment }: Pick<StartCommand, 'environment'>,
): boolean {
  if (programOf(word)?.sapi !== process.sapi) return false;
  if (nameOf(word) === nameOf(process.exe ?? '')) return true;
  if (tree === null) return false;
  const path = environment.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';
  const paths = word.includes('/') ? [word] : path.split(':').map((one) => `${one}/${word}`);
  return paths.some((one) => isProgramOf(process, one, tree));
}

/** By way of a link, as Debian's alternatives are, it has another name. */
function isProgramOf({ exe }: PhpProcess, path: ByteString, tree: FileTree): boolean {
  if (exe === null || path === '') return false;
  const place = tree.find(path);
  return (
    nameOf(path) === nameOf(exe) ||
    (!(place instanceof Unreadable) && nameOf(place.path) === nameOf(exe))
  );
}

/** Words after which nothing is certain: a shell's own command, and what changes the environment. */
const notAnEntrypoint = /^-[A-Za-z]*c$|^[A-Za-z_]\w*=|(?:^|\/)env$/;

function containerStart(
  process: PhpProcess,
  id: string,
  host: FileTree,
): StartCommand | Unreadable {
  const command = containerCommandOf(host, id);
  if (command instanceof Unreadable) return command;
  const { words, environment } = command;
  const tree = process.root === null ? null : new FileTree(process.root);
  const isProgram = (word: ByteString) => isNamedBy(process, word, tree, command);
  const supervisor = supervisorAt(words);
  const at = supervisor >= 0 ? supervisor : words.findIndex(isProgram);
  if (at < 0 || words.slice(0, at).some((word) => notAnEntrypoint.test(word)))
    return new Unreadable('its container starts it by a script or a shell');
  if (supervisor < 0) return { arguments: words.slice(at), environment, setBy: 0 };
  if (tree === null) return new Unreadable('sescle did not read the files of its container');
  return supervisedCommand(tree, { words: words.slice(at + 1), environment, setBy: 0 }, isProgram);
}

/** FPM's title is of the very process that runs: what starts it may have been edited since. */
function contradictsTitle(process: PhpProcess): boolean {
  const ofTitle = absolutePath(process, configFileOfTitle(process.title));
  if (process.sapi !== 'fpm' || ofTitle === null) return false;
  const { fpmConfig } = phpArguments(process.sapi, process.arguments?.slice(1) ?? []);
  const given = absolutePath(process, fpmConfig);
  return given !== null && given !== ofTitle;
}

function withoutStart(process: PhpProcess, reason: string): PhpProcess {
  const { label, pid, setBy, warnings = [] } = process;
  const warning: Warning = {
    message:
      `${label} (process ${pid}) does not show the options and the environment that it was started ` +
      `with, and ${reason}: its sessions may live longer than its files say. Start it by a systemd ` +
      'service that names it and its options plainly, or name its stores in /etc/sescle/sescle.toml',
    source: { kind: 'process', pid },
    hides: setBy,
  };
  return { ...process, warnings: [...warnings, warning] };
}
