/**
 * What a unit leaves to its command, acted: systemd cannot be started where tests run.
 *
 * The capabilities, the list of system calls with its answer, the families of sockets, no_new_privs, the
 * umask, /proc, /dev, what is read-only and the network are as systemd.exec(5) says of the unit's lines. Which
 * calls a group holds is systemd's own word (systemd-analyze syscall-filter).
 *
 * Invariant: a line that bears on the command and is not acted makes the test fail: `acted` and `unacted`
 * name all that there are.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../support/temp-dir.js';

const directory = fileURLToPath(new URL('../../systemd/', import.meta.url));

/** Lines that this file acts. */
const acted = new Set([
  'CapabilityBoundingSet',
  'NoNewPrivileges',
  'PrivateDevices',
  'PrivateMounts',
  'PrivateNetwork',
  'ProtectControlGroups',
  'ProtectKernelTunables',
  'ProtectProc',
  'ProtectSystem',
  'RestrictAddressFamilies',
  'SystemCallErrorNumber',
  'SystemCallFilter',
  'UMask',
]);

/** Those that take away what the acted ones take away too, or what no command here could use anyway. */
const unacted = new Set([
  'DevicePolicy',
  'IPAddressDeny',
  'KeyringMode',
  'LockPersonality',
  'ProtectClock',
  'ProtectHostname',
  'ProtectKernelLogs',
  'ProtectKernelModules',
  'RestrictNamespaces',
  'RestrictRealtime',
  'RestrictSUIDSGID',
  'SystemCallArchitectures',
]);

/** What is no matter of rights. */
const others =
  /^(?:After|Conflicts|Description|Documentation|Exec\w+|Restart\w*|StateDirectory\w*|TimeoutStopSec|Type|WantedBy|WatchdogSec)$/;

export type UnitLines = ReadonlyMap<string, readonly string[]>;

/** The lines of a unit by their names. */
export function unitLines(unit: string): UnitLines {
  const lines = new Map<string, string[]>();
  for (const line of readFileSync(join(directory, unit), 'utf8').split('\n')) {
    const [, name = '', value = ''] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    if (!acted.has(name) && !unacted.has(name) && !others.test(name))
      throw new Error(`${name}= is not acted: see ${import.meta.filename}`);
    lines.set(name, [...(lines.get(name) ?? []), value]);
  }
  return lines;
}

/** The capabilities that it leaves, as `CAP_FOWNER`. */
export function capabilitiesOf(lines: UnitLines): string[] {
  return words(lines, 'CapabilityBoundingSet');
}

function words(lines: UnitLines, name: string): string[] {
  return (lines.get(name) ?? []).join(' ').split(' ').filter(Boolean);
}

/** The calls of a group, groups in it too. */
function callsOf(group: string): string[] {
  if (!group.startsWith('@')) return [group];
  const text = execFileSync('systemd-analyze', ['syscall-filter', group], { encoding: 'utf8' });
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap(callsOf);
}

/** The calls that are allowed: the lists one after the other, as systemd merges them. */
function allowedCalls(lines: UnitLines): string[] {
  const calls = new Set(callsOf('@default'));
  for (const list of lines.get('SystemCallFilter') ?? []) {
    const isTaken = list.startsWith('~');
    for (const call of list
      .slice(isTaken ? 1 : 0)
      .split(' ')
      .flatMap(callsOf)) {
      if (isTaken) calls.delete(call);
      else calls.add(call);
    }
  }
  return [...calls];
}

const familyNumbers: Readonly<Record<string, number>> = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 };

/** Outlives the test that a program is built in. */
const programs = tempDir();
let programCount = 0;

/** A program that runs a command with these calls and families, and all else answered with EPERM. */
function buildFilter(lines: UnitLines): string {
  const place = join(programs, String(programCount++));
  mkdirSync(place);
  const calls = allowedCalls(lines).map((call) => `#ifdef __NR_${call}\n  __NR_${call},\n#endif\n`);
  const families = words(lines, 'RestrictAddressFamilies').map((name) => familyNumbers[name]);
  writeFileSync(join(place, 'calls.h'), calls.join(''));
  writeFileSync(join(place, 'families.h'), families.map((number) => `  ${number},\n`).join(''));
  const program = join(place, 'filtered');
  const source = fileURLToPath(new URL('programs/filtered.c', import.meta.url));
  execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', `-I${place}`, '-o', program, source]);
  return program;
}

/** As root in namespaces of its own. */
const arrange = `
set -e
mount -t proc -o nosuid,nodev,noexec,hidepid=invisible proc /proc
mount -o remount,bind,ro /sys
mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys
dev=$(mktemp -d)
mount -t tmpfs -o nosuid,noexec,mode=755 tmpfs "$dev"
for name in null zero full random urandom tty; do cp -a "/dev/$name" "$dev/$name"; done
ln -s /proc/self/fd "$dev/fd"
mkdir "$dev/shm" "$dev/pts"
mount --bind /dev/shm "$dev/shm"
mount --bind /dev/pts "$dev/pts"
mount -o remount,ro,nosuid,noexec "$dev"
mount --rbind "$dev" /dev
umount -l "$dev"
rmdir "$dev"
for directory in /usr /etc; do mount --rbind "$directory" "$directory"; mount -o remount,bind,ro "$directory"; done
umask "$1"
shift
exec "$@"
`;

export interface Changes {
  /** A capability that it does not have. */
  readonly without?: string;
  /** Families of sockets that it does not have. */
  readonly withoutFamilies?: readonly string[];
  /** PrivateNetwork=no. */
  readonly hasNetwork?: boolean;
}

/** @returns the words before a command that run it as the unit would */
export function underUnit(
  lines: UnitLines,
  { without, withoutFamilies = [], hasNetwork = false }: Changes = {},
): string[] {
  const expected: Readonly<Record<string, string>> = {
    NoNewPrivileges: 'yes',
    PrivateDevices: 'yes',
    PrivateMounts: 'yes',
    PrivateNetwork: 'yes',
    ProtectControlGroups: 'yes',
    ProtectKernelTunables: 'yes',
    ProtectProc: 'invisible',
    ProtectSystem: 'full',
    SystemCallErrorNumber: 'EPERM',
  };
  for (const [name, value] of Object.entries(expected)) {
    const [written] = lines.get(name) ?? [];
    if (written !== value) throw new Error(`${name}=${written} is not acted`);
  }
  const left = capabilitiesOf(lines).filter((name) => name !== without);
  const bounding = ['-all', ...left.map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`)];
  const families = words(lines, 'RestrictAddressFamilies').filter(
    (name) => !withoutFamilies.includes(name),
  );
  const filter = buildFilter(new Map([...lines, ['RestrictAddressFamilies', families]]));
  const [umask = '0022'] = lines.get('UMask') ?? [];
  return [
    ...['unshare', '--mount', '--propagation', 'slave', ...(hasNetwork ? [] : ['--net'])],
    ...['sh', '-c', arrange, 'sh', umask],
    ...['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${bounding.join(',')}`],
    filter,
  ];
}
