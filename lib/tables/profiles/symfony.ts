/**
 * Symfony's PdoSessionHandler.
 *
 * Invariant: its lifetime column means what it meant when the row was written. Up to 4.3 it held the lifetime
 * in seconds, beside the last write; since then it holds the moment of expiry. No session lives ten years, by
 * which 4.4 to 5.4 tell the two apart. 6.0 and later no longer collect by the older meaning: they delete such
 * a row at once. sescle lets it live as long as it was meant to.
 */
import type { AdvisoryLock, TableProfile } from '../profile.js';
import { profile, signed64, sinceWrite, source } from './make.js';

const handler = 'symfony/http-foundation Session/Storage/Handler/PdoSessionHandler.php';
/** MAX_LIFETIME: ten years. */
const longestLifetime = 315_576_000;

export const symfony: TableProfile = profile({
  name: 'symfony',
  title: 'Symfony (PdoSessionHandler)',
  table: 'sessions',
  columns: { id: 'sess_id', expiry: 'sess_lifetime', time: 'sess_time' },
  readings: [
    {
      rows: [{ role: 'expiry', is: '>', value: longestLifetime }],
      rules: [
        {
          role: 'expiry',
          comparison: '<',
          means: 'expiry',
          source: source(
            `${handler} 5.4.40:429`,
            'DELETE FROM $table WHERE $lifetimeCol < :time AND $lifetimeCol > :min',
          ),
        },
      ],
    },
    {
      rows: [{ role: 'expiry', is: '<=', value: longestLifetime }],
      rules: [
        sinceWrite(
          source(
            `${handler} 5.4.40:438`,
            'DELETE FROM $table WHERE $lifetimeCol <= :min AND $lifetimeCol < :time - $timeCol',
          ),
          { lifetime: { role: 'expiry' } },
        ),
      ],
    },
  ],
  locksRows: true,
  advisory: {
    roles: [],
    locks: {
      mysql: ({ values: { id = '' } }) => [{ kind: 'name', name: id.slice(0, 64) }],
      postgresql: ({ values: { id = '' } }) => keysOf(id),
    },
    source: source(
      `${handler} 7.1.5:688-732`,
      'LOCK_ADVISORY: GET_LOCK(substr($sessionId, 0, 64)), pg_advisory_lock(the first eight bytes)',
    ),
  },
  index: ['expiry'],
});

/** The id's first eight bytes, the lowest first, as PHP of 64 bits has them; of 32 bits, two times four. */
function keysOf(id: string): AdvisoryLock[] {
  const bytes = Buffer.alloc(8);
  Buffer.from(id, 'utf8').copy(bytes, 0, 0, 8);
  return [
    { kind: 'key', key: signed64(bytes.readBigUInt64LE(0)) },
    { kind: 'key-pair', keys: [bytes.readInt32LE(0), bytes.readInt32LE(4)] },
  ];
}
