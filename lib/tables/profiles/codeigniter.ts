/**
 * CodeIgniter 3 and 4. Both lock a session for the whole request, by its id, and with matchIP by the
 * address beside it.
 *
 * Invariant: the locks of a row are those that its id would be locked by with matchIP and without. The
 * address is asked as text, as PHP had it when the row was written.
 */
import { createHash } from 'node:crypto';
import type { AdvisoryLock, AdvisoryRule, TableProfile } from '../profile.js';
import { lastWrite, profile, source } from './make.js';

const driver =
  'bcit-ci/CodeIgniter system/libraries/Session/drivers/Session_database_driver.php 3.2.0-dev';
const handlers = 'codeigniter4/framework system/Session/Handlers';

export const codeigniter3: TableProfile = profile({
  name: 'codeigniter3',
  title: 'CodeIgniter 3',
  table: 'ci_sessions',
  columns: { id: 'id', time: 'timestamp', ip: 'ip_address' },
  readings: [
    lastWrite(
      source(`${driver}:340`, "delete($save_path, 'timestamp < '.(time() - $maxlifetime))"),
    ),
  ],
  advisory: advisory(
    ({ id = '', ip = '' }) => ({ id, ip }),
    source(
      `${driver}:408-420`,
      "GET_LOCK(md5($session_id.'_'.$ip)), pg_advisory_lock(hashtext($session_id), hashtext($ip))",
    ),
    // Up to 3.1.2 the name was not hashed.
    ({ id, ip }) => [id, `${id}_${ip}`],
  ),
  index: ['time'],
  lifetimeSource: source(
    'bcit-ci/CodeIgniter application/config/config.php',
    "$config['sess_expiration']; 0: session.gc_maxlifetime",
  ),
});

export const codeigniter4: TableProfile = profile({
  name: 'codeigniter4',
  title: 'CodeIgniter 4',
  servers: ['mysql', 'postgresql'],
  table: 'ci_sessions',
  columns: { id: 'id', time: 'timestamp', ip: 'ip_address' },
  // Up to 4.1 an integer, as CodeIgniter 3's.
  timeTypes: ['moment', 'wall-clock', 'number'],
  readings: [
    lastWrite(
      source(
        `${handlers}/DatabaseHandler.php 4.7.2:281, Database/PostgreHandler.php:67`,
        "where('timestamp <', 'now() - INTERVAL {$max_lifetime} second')->delete()",
      ),
    ),
  ],
  advisory: advisory(
    // The id in the table follows the cookie's name and a colon; the lock's does not.
    // PostgreSQL's inet may bring the size of its network along.
    ({ id = '', ip = '' }) => ({
      id: id.slice(id.lastIndexOf(':') + 1),
      ip: ip.replace(/\/(?:32|128)$/, ''),
    }),
    source(
      `${handlers}/Database/MySQLiHandler.php 4.7.2:30, PostgreHandler.php:75`,
      "GET_LOCK(md5($sessionID . '_' . $ipAddress)), pg_advisory_lock(hashtext('{$sessionID}'), hashtext(…))",
    ),
    () => [],
  ),
  index: ['time'],
  lifetimeSource: source('codeigniter4/framework app/Config/Session.php', '$expiration'),
});

interface Session {
  readonly id: string;
  readonly ip: string;
}

function advisory(
  sessionOf: (values: Readonly<Record<string, string>>) => Session,
  from: AdvisoryRule['source'],
  olderNames: (session: Session) => readonly string[],
): AdvisoryRule {
  return {
    roles: ['ip'],
    locks: {
      mysql: ({ values }) => {
        const session = sessionOf(values);
        const names = [md5(session.id), md5(`${session.id}_${session.ip}`), ...olderNames(session)];
        // MySQL refuses longer names, so that nobody holds one.
        return names
          .filter((name) => name.length > 0 && name.length <= 64)
          .map((name): AdvisoryLock => ({ kind: 'name', name }));
      },
      postgresql: ({ values }) => {
        const { id, ip } = sessionOf(values);
        return [
          { kind: 'hashtext', texts: [id] },
          { kind: 'hashtext', texts: [id, ip] },
        ];
      },
    },
    source: from,
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
