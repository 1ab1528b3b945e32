/**
 * Who removes, each by the command that its users run, and in which order it comes to the sessions.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { script, sescle } from '../places.js';

export interface Cleaner {
  readonly name: string;
  readonly order: 'inode' | 'readdir';
  readonly argv: readonly string[];
  /** What it is to be under, in microseconds. */
  readonly limitUs?: number;
}

const lifetimeSeconds = 1440;

/** @param scratch an empty directory */
export function cleaners(store: string, scratch: string): Cleaner[] {
  const tmpfiles = path.join(scratch, 'tmpfiles.conf');
  writeFileSync(tmpfiles, `e ${store} - - - m:${lifetimeSeconds}s\n`);
  // One thread: so that there is one place that the cleaner has come to.
  const sweep = [
    'sweep',
    '-q',
    '-l',
    String(lifetimeSeconds),
    '--threads',
    '1',
    '--state',
    scratch,
  ];
  const ownSweep = [process.execPath, sescle, ...sweep];
  const settings = Object.entries({
    'session.save_handler': 'files',
    'session.use_cookies': '0',
    'session.use_strict_mode': '0',
    'session.gc_probability': '0',
    'session.gc_maxlifetime': String(lifetimeSeconds),
  });
  return [
    { name: 'sescle', order: 'inode', argv: [...ownSweep, store], limitUs: 15 },
    {
      name: 'sescle --strict',
      order: 'inode',
      argv: [...ownSweep, '--strict', store],
      limitUs: 0.5,
    },
    {
      name: 'find -delete',
      order: 'readdir',
      // As Debian's sessionclean has it, but by mtime: nobody can set a ctime.
      argv: [
        'find',
        '-O3',
        `${store}/.`,
        '-ignore_readdir_race',
        '-depth',
        '-mindepth',
        '1',
      ].concat(['-name', 'sess_*', '-type', 'f', '-mmin', '+24', '-delete']),
    },
    {
      name: 'session_gc()',
      order: 'readdir',
      argv: ['php', ...settings.flatMap(([key, value]) => ['-d', `${key}=${value}`])].concat([
        script('session-gc.php'),
        store,
      ]),
    },
    {
      name: 'systemd-tmpfiles',
      order: 'readdir',
      argv: ['systemd-tmpfiles', '--clean', tmpfiles],
    },
    {
      name: 'tmpreaper',
      order: 'readdir',
      argv: ['tmpreaper', '--mtime', '--runtime=0', `${lifetimeSeconds}s`, store],
    },
  ];
}
