/**
 * PHP that services of systemd start, whether it runs or not: FPM's masters with the configuration that
 * their units name, as NixOS and panels have one for each pool, php-cgi and lsphp with their options.
 *
 * Invariant: a unit is the word of the user who could have written it. One that is not understood leaves a
 * doubt about the PHP that it starts. What runs tells more by itself, and is not read a second time.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { readUsers } from '../php/fpm/users.js';
import { behindWrappers, type MadeWrapper } from '../php/processes/made-wrapper.js';
import type { PhpProcess } from '../php/processes/process.js';
import { programOf } from '../php/processes/program.js';
import type { UnitStart } from '../php/processes/unit-starts.js';
import { bothSetters, type Setter, type Warning } from '../php/provenance.js';
import { addProcess } from './process-usages.js';
import type { TreeReader } from './tree-usages.js';

/** @param running the services that PHP is known to run in */
export function addUnits(
  reader: TreeReader,
  tree: FileTree,
  running: ReadonlySet<ByteString | null>,
): void {
  for (const start of reader.phpStarts) {
    if (running.has(start.unit)) continue;
    const process = processOf(tree, start);
    if (process !== null) addProcess(reader, process, tree, tree);
  }
}

/** As it would run; null for what is no server of pages. */
function processOf(tree: FileTree, start: UnitStart): PhpProcess | null {
  const { unit, exe, command, plainWords, user } = start;
  const wrapper = behindWrappers(tree, exe);
  const place = tree.find(wrapper?.target ?? exe);
  const program = ('path' in place ? programOf(place.path) : undefined) ?? programOf(exe);
  // A service that runs scripts has the command line's sessions, of which it hardly has any.
  if (program === undefined || program.sapi === 'cli' || program.sapi === 'apache2') return null;
  const isKnown = !(command instanceof Unreadable);
  const words = isKnown ? command.arguments.slice(1) : (plainWords ?? []);
  const setBy = bothSetters(start.setBy, wrapper?.setBy ?? 0);
  const uid = user === null ? undefined : uidOf(tree, user);
  const environment = isKnown ? withWrapper(wrapper, command.environment) : null;
  const message = `${printable(unit)} is not followed (${isKnown ? '' : command.reason}), so the lifetime of its PHP's sessions is unknown`;
  const warnings = isKnown
    ? emptyDirectories(tree, environment, setBy)
    : [{ message, hides: setBy }];
  return {
    pid: 0,
    startTicks: 0,
    sapi: program.sapi,
    label: printable(unit),
    exe: 'path' in place ? place.path : exe,
    version: program.version,
    uid: uid ?? 0,
    setBy,
    master: null,
    arguments: [exe, ...(wrapper?.words ?? []), ...words],
    environment,
    title: null,
    workingDirectory: '/',
    root: '/',
    unit,
    source: { kind: 'file', file: unit, line: 0 },
    warnings,
  };
}

/** Nobody names a directory for PHP to scan that holds nothing: what was there may set a lifetime. */
function emptyDirectories(
  tree: FileTree,
  environment: ReadonlyMap<ByteString, ByteString> | null,
  hides: Setter,
): Warning[] {
  const named = (environment?.get('PHP_INI_SCAN_DIR') ?? '').split(':');
  return named.flatMap((directory): Warning[] => {
    const names = directory === '' ? null : tree.list(directory);
    const isEmpty = names instanceof Unreadable || names?.every((name) => !name.endsWith('.ini'));
    if (isEmpty !== true) return [];
    const message = `${printable(directory)}, which PHP_INI_SCAN_DIR names, holds no .ini file: the lifetime of the sessions is unknown`;
    return [{ message, hides }];
  });
}

function withWrapper(
  wrapper: MadeWrapper | null,
  environment: ReadonlyMap<ByteString, ByteString>,
): ReadonlyMap<ByteString, ByteString> {
  if (wrapper === null) return environment;
  return new Map([...wrapper.defaults, ...environment, ...wrapper.environment]);
}

function uidOf(tree: FileTree, user: ByteString): number | undefined {
  return /^\d+$/.test(user) ? Number(user) : readUsers(tree).uidOf(user);
}
