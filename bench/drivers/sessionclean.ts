/**
 * Debian's whole /usr/lib/php/sessionclean: it asks PHP for the settings of every SAPI, touches open
 * sessions, and starts find.
 *
 * It takes no arguments, so it gets a mount namespace in which /etc/php is a copy whose php.ini
 * files name the trial's directory. It judges by ctime, which nobody can set, so it gets a clock
 * (libfaketime, with file times left alone) at which the tree's expired sessions are expired and
 * its live ones are not.
 *
 * Invariant: the machine's own /etc/php is only read.
 */
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { findProgram, run } from '../execute.js';
import { type Driver, type Job, missingProgram } from './driver.js';

const program = '/usr/lib/php/sessionclean';

export const sessionclean: Driver = {
  name: 'sessionclean',
  judgesByCtime: true,
  about: `${program}, with /etc/php mounted over in a namespace of its own, under libfaketime; of many directories it gets the one above them`,
  missing: () => {
    if (!existsSync(program)) return `${program} is not installed`;
    if (findFaketime() === undefined) {
      return 'it judges by ctime, and there is no libfaketime to give it a clock';
    }
    return missingProgram('unshare');
  },
  version: async () => (await run('dpkg-query', ['-W', 'php-common'])).trim().replace('\t', ' '),
  command: async (job) => ({
    argv: [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      'mount --bind "$1" /etc/php && LD_PRELOAD=$2 exec "$3"',
      'sh',
      await configure(job),
      findFaketime() ?? '',
      program,
    ],
    env: {
      FAKETIME: fakeNow(job),
      NO_FAKE_STAT: '1',
      TZ: 'UTC',
    },
  }),
};

/** A copy of /etc/php whose every php.ini names the trial's directory. */
async function configure({ tree, lifetimeSeconds, scratch }: Job): Promise<string> {
  const copy = path.join(scratch, 'php');
  await run('cp', ['-a', '/etc/php', copy]);
  for (const version of readdirSync(copy)) {
    for (const sapi of readdirSync(path.join(copy, version))) {
      const ini = path.join(copy, version, sapi, 'php.ini');
      if (!existsSync(ini)) continue;
      appendFileSync(
        ini,
        `\n[Session]\nsession.save_path = "${tree.root}"\nsession.gc_maxlifetime = ${lifetimeSeconds}\n`,
      );
    }
  }
  return copy;
}

/** The clock at which what was last changed before the cutoff is just over its lifetime. */
function fakeNow({ tree, lifetimeSeconds }: Job): string {
  const now = new Date((tree.ctimeCutoff + lifetimeSeconds) * 1000);
  return now.toISOString().replace('T', ' ').replace(/\..*/, '');
}

function findFaketime(): string | undefined {
  const triplets = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return ['', ...triplets]
    .map((triplet) => path.join('/usr/lib', triplet, 'faketime/libfaketime.so.1'))
    .find((file) => existsSync(file) && findProgram('sh') !== undefined);
}
