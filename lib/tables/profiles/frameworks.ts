/**
 * Frameworks whose own collector deletes by one comparison, and which lock nothing while a request has a
 * session in hand.
 *
 * Invariant: a comparison is the one that stands in the source, to the second.
 */
import type { TableProfile } from '../profile.js';
import { expiry, gcMaxlifetime, lastWrite, profile, sinceWrite, source } from './make.js';

const laravelFile = 'illuminate/session DatabaseSessionHandler.php';

/**
 * Its two rules differ by one second. The collector removes a row in the very second of its lifetime, in which
 * the reader still accepts it; a second later both agree. sescle waits for the reader: it never removes a
 * session that a request would still get.
 */
export const laravel: TableProfile = profile({
  name: 'laravel',
  title: 'Laravel',
  table: 'sessions',
  columns: { id: 'id', time: 'last_activity' },
  readings: [
    {
      rows: [],
      rules: [
        sinceWrite(
          source(
            `${laravelFile} 8.83.26:126, expired()`,
            '$session->last_activity < Carbon::now()->subMinutes($this->minutes)->getTimestamp()',
          ),
        ),
        sinceWrite(
          source(
            `${laravelFile} 12.4.0:280, gc()`,
            "where('last_activity', '<=', $this->currentTime() - $lifetime)->delete()",
          ),
          { comparison: '<=' },
        ),
      ],
    },
  ],
  index: ['time'],
  lifetimeSource: source('laravel/laravel config/session.php', "'lifetime' (minutes)"),
});

export const yii: TableProfile = profile({
  name: 'yii',
  title: 'Yii 2',
  table: 'session',
  columns: { id: 'id', expiry: 'expire' },
  readings: [
    expiry(
      source(
        'yiisoft/yii2-framework web/DbSession.php 2.0.55:255',
        "delete($sessionTable, '[[expire]]<:expire', [':expire' => time()])",
      ),
    ),
  ],
});

export const cakephp: TableProfile = profile({
  name: 'cakephp',
  title: 'CakePHP',
  table: 'sessions',
  columns: { id: 'id', expiry: 'expires' },
  readings: [
    expiry(
      source(
        'cakephp/http Session/DatabaseSession.php 5.0.6:188',
        "deleteAll(['expires <' => time()])",
      ),
    ),
  ],
});

const laminasFile = 'laminas/laminas-session src/SaveHandler/DbTableGateway.php 2.21.0';

/**
 * Its collector goes by the lifetime of the process that collects, its reader by the row's own. One table
 * serves applications of several lifetimes (the column `name`), so that a row goes only by both.
 */
export const laminas: TableProfile = profile({
  name: 'laminas',
  title: 'Laminas',
  table: 'session',
  columns: { id: 'id', name: 'name', time: 'modified', lifetime: 'lifetime' },
  idRoles: ['id', 'name'],
  readings: [
    {
      rows: [],
      rules: [
        sinceWrite(source(`${laminasFile}:172`, "delete('%s < %d', modified, time() - $lifetime)")),
        sinceWrite(source(`${laminasFile}:99`, '$row->modified + $row->lifetime > time()'), {
          comparison: '<=',
          lifetime: { role: 'lifetime' },
        }),
      ],
    },
  ],
  lifetimeSource: gcMaxlifetime,
});

const adodbFile = 'ADOdb/ADOdb session';

/**
 * The column holds an expiry, and the collector waits for one more lifetime. Of SQLite's dates it makes
 * numbers, with which none of them compares: it never deletes anything there.
 */
export const adodb: TableProfile = profile({
  name: 'adodb',
  title: 'ADOdb (adodb-session2)',
  servers: ['mysql', 'postgresql'],
  table: 'sessions2',
  columns: { id: 'sesskey', time: 'expiry' },
  timeTypes: ['wall-clock', 'moment'],
  readings: [
    lastWrite(
      source(
        `${adodbFile}/adodb-session2.php 5.21.4:843-854`,
        'expiry < OffsetDate(-$maxlifetime/24/3600, sysTimeStamp)',
      ),
    ),
  ],
  lifetimeSource: gcMaxlifetime,
});

export const adodb1: TableProfile = profile({
  name: 'adodb1',
  title: 'ADOdb (adodb-session)',
  table: 'sessions',
  columns: { id: 'sesskey', expiry: 'expiry' },
  readings: [
    expiry(
      source(
        `${adodbFile}/adodb-session.php 5.21.4:871`,
        'DELETE FROM $table WHERE expiry < $time',
      ),
    ),
  ],
  index: ['expiry'],
});
