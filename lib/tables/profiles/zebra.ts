/**
 * Zebra_Session, which locks a session by a hash of its id for the whole request.
 *
 * Invariant: the lock's name is what the class makes of the id, byte by byte.
 */
import { createHash } from 'node:crypto';
import type { TableProfile } from '../profile.js';
import { expiry, profile, source } from './make.js';

const file = 'stefangabos/zebra_session Zebra_Session.php 4.2.1';

export const zebra: TableProfile = profile({
  name: 'zebra',
  title: 'Zebra_Session',
  servers: ['mysql'],
  table: 'session_data',
  columns: { id: 'session_id', expiry: 'session_expire' },
  readings: [expiry(source(`${file}:432`, 'DELETE FROM $table WHERE session_expire < time()'))],
  advisory: {
    roles: [],
    locks: {
      mysql: ({ values: { id = '' } }) => [
        { kind: 'name', name: `session_${createHash('sha1').update(id).digest('hex')}` },
      ],
    },
    source: source(`${file}:549`, "GET_LOCK('session_' . sha1($session_id))"),
  },
});
