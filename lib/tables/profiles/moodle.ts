/**
 * Moodle's sessions, which its own cron deletes by several rules.
 *
 * Invariant: a row goes only by the rules for a time that has passed. Moodle also ends sessions for other
 * reasons (a deleted user, a plugin that was turned off, a first visit that came to nothing within three
 * minutes): these stay until their time has passed too. Where an authentication plugin keeps sessions beyond
 * it (ignore_timeout_hook; of Moodle's own only MNet's), this profile does not fit.
 */
import type { Condition, SiblingValue, TableProfile } from '../profile.js';
import { profile, signed64, sinceWrite, source } from './make.js';

const manager = 'moodle/moodle lib/classes/session/manager.php 4.3, gc()';

/** Everybody who visits without an account of their own shares the guest's, whose id is a setting. */
const siteGuest: SiblingValue = {
  table: 'config',
  column: 'value',
  where: { column: 'name', is: 'siteguest' },
};
const isGuest: Condition = { role: 'user', is: '=', value: siteGuest };
const isUser: Condition = { role: 'user', is: '<>', value: siteGuest };

export const moodle: TableProfile = profile({
  name: 'moodle',
  title: 'Moodle',
  servers: ['mysql', 'postgresql'],
  table: 'sessions',
  columns: { id: 'id', time: 'timemodified', user: 'userid' },
  readings: [
    {
      rows: [isUser],
      rules: [
        sinceWrite(
          source(
            manager,
            's.timemodified < :purgebefore AND u.id <> :guestid (time() - $maxlifetime); userid = 0 AND timemodified < :purgebefore',
          ),
        ),
      ],
    },
    {
      rows: [isGuest],
      rules: [
        sinceWrite(
          source(
            manager,
            'userid = :guestid AND timemodified < :purgebefore (time() - ($maxlifetime * 5))',
          ),
          { lifetime: { times: 5 } },
        ),
      ],
    },
  ],
  advisory: {
    roles: [],
    locks: {
      mysql: ({ database, table, values: { id = '' } }) => [
        { kind: 'name', name: `${database}-${table.replace(/sessions$/, '')}-session-${id}` },
      ],
      postgresql: ({ values: { id = '' } }) =>
        /^\d{1,19}$/.test(id) ? [{ kind: 'key', key: signed64(BigInt(id)) }] : [],
    },
    source: source(
      'moodle/moodle lib/dml/mysqli_native_moodle_database.php, pgsql_native_moodle_database.php: get_session_lock()',
      "GET_LOCK('$dbname-$prefix-session-$rowid'), pg_advisory_lock($rowid)",
    ),
  },
  index: ['time'],
  lifetimeSource: source('moodle/moodle admin/settings/server.php', '$CFG->sessiontimeout'),
});
