/**
 * Other collectors of PHP's sessions that the machine runs on time: Debian's phpsessionclean, by
 * its systemd timer or its cron file, and the like that come with hosting panels.
 *
 * Invariant: only what would really run is reported: an enabled timer where systemd rules, a line of
 * cron that is not commented out and not left to the timer; neither, where sescle's package has put a sweep
 * in the place of the program that they run.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { Source, Warning } from '../provenance.js';
import { unitDirectories } from './unit-files.js';

const timer = 'phpsessionclean.timer';

/** Debian's; cPanel's; Plesk's. */
const collector = /sessionclean|clean_user_php_sessions|php-cleanuper|php_session_cleaner/;

/** What Debian's timer and cron file run. */
const debianProgram = '/usr/lib/php/sessionclean';

/** As in Debian's /etc/cron.d/php: the job leaves the work to the timer where systemd rules. */
const leavesItToSystemd = /!\s*-[de]\s+\/run\/systemd\/system/;

export function findCollectors(tree: FileTree): Warning[] {
  const hasSystemd = !(tree.find('/run/systemd/system') instanceof Unreadable);
  const isDebians = !isSescles(tree, debianProgram);
  return [
    ...(isDebians ? timerWarnings(tree) : []),
    ...cronWarnings(tree, hasSystemd, (text) => isDebians || !text.includes(debianProgram)),
  ];
}

/** Whether it is packaging/debian/sessionclean, which the .deb diverts Debian's own for. */
function isSescles(tree: FileTree, program: ByteString): boolean {
  const found = tree.read(program);
  return !(found instanceof Unreadable) && /\/usr\/bin\/sescle sweep\b/.test(found.text);
}

function timerWarnings(tree: FileTree): Warning[] {
  if (isMasked(tree)) return [];
  const wants = unitDirectories
    .map((directory) => `${directory}/timers.target.wants/${timer}`)
    .find((link) => isUnit(tree, link));
  if (wants === undefined) return [];
  return [
    {
      message:
        `${timer} removes sessions too. It does not see pools, virtual hosts and .user.ini, ` +
        'and is up to 59 s early where a lifetime is not whole minutes: ' +
        `systemctl disable --now ${timer}`,
      source: fileSource(wants, 1),
    },
  ];
}

function isUnit(tree: FileTree, path: ByteString): boolean {
  const place = tree.find(path);
  return !(place instanceof Unreadable) && place.stat.isFile();
}

/** `systemctl mask` puts a link to /dev/null before the unit, which an image may lack, or an empty file. */
function isMasked(tree: FileTree): boolean {
  return ['/etc/systemd/system', '/run/systemd/system'].some((directory) => {
    const names = tree.list(directory);
    if (names instanceof Unreadable || !names.includes(timer)) return false;
    const place = tree.find(`${directory}/${timer}`);
    return place instanceof Unreadable || !place.stat.isFile() || place.stat.size === 0;
  });
}

function cronWarnings(
  tree: FileTree,
  hasSystemd: boolean,
  isAnothers: (text: ByteString) => boolean,
): Warning[] {
  const names = tree.list('/etc/cron.d');
  // cron passes over names with other characters, as dpkg's backups have.
  const files = names instanceof Unreadable ? [] : names.filter((name) => /^[\w-]+$/.test(name));
  return ['/etc/crontab', ...files.map((name) => `/etc/cron.d/${name}`)].flatMap((file) =>
    linesOf(tree, file)
      .filter(({ text }) => collector.test(text) && !text.startsWith('#') && isAnothers(text))
      .filter(({ text }) => !(hasSystemd && leavesItToSystemd.test(text)))
      .map(({ line }) => ({
        message:
          `a job in ${printable(file)} removes sessions too, and knows nothing of sescle's ` +
          'lifetimes: comment the line out',
        source: fileSource(file, line),
      })),
  );
}

function linesOf(tree: FileTree, file: ByteString): { text: ByteString; line: number }[] {
  const found = tree.read(file);
  if (found instanceof Unreadable) return [];
  return found.text.split('\n').map((text, index) => ({ text: text.trim(), line: index + 1 }));
}

function fileSource(file: ByteString, line: number): Source {
  return { kind: 'file', file, line };
}
