/**
 * Applications whose own collector deletes by one comparison, and which lock nothing while a request has a
 * session in hand.
 *
 * Invariant: a comparison is the one that stands in the source, to the second.
 */
import type { TableProfile } from '../profile.js';
import { expiry, gcMaxlifetime, lastWrite, profile, source } from './make.js';

/** 8 and later; 7 has the same rule and a second column in its key. */
export const drupal: TableProfile = profile({
  name: 'drupal',
  title: 'Drupal 8 and later',
  table: 'sessions',
  columns: { id: 'sid', time: 'timestamp' },
  readings: [
    lastWrite(
      source(
        'drupal/core lib/Drupal/Core/Session/SessionHandler.php 11.4.5:141',
        "condition('timestamp', $requestTime - $lifetime, '<')",
      ),
    ),
  ],
  index: ['time'],
  lifetimeSource: source(
    'drupal/core core.services.yml 11.4.5:24',
    'session.storage.options: gc_maxlifetime',
  ),
});

export const drupal7: TableProfile = {
  ...drupal,
  name: 'drupal7',
  title: 'Drupal 7',
  columns: { ...drupal.columns, ssid: 'ssid' },
  idRoles: ['id', 'ssid'],
  readings: [
    lastWrite(
      source(
        'drupal/drupal includes/session.inc 7.x, _drupal_session_gc()',
        "condition('timestamp', REQUEST_TIME - $lifetime, '<')",
      ),
    ),
  ],
  lifetimeSource: source(
    'drupal/drupal sites/default/settings.php 7.x',
    "ini_set('session.gc_maxlifetime', …)",
  ),
};

/** The column is called after an expiry and holds the last write. */
export const magento: TableProfile = profile({
  name: 'magento',
  title: 'Magento 2',
  servers: ['mysql'],
  table: 'session',
  columns: { id: 'session_id', time: 'session_expires' },
  readings: [
    lastWrite(
      source(
        'magento/magento2 lib/internal/Magento/Framework/Session/SaveHandler/DbTable.php 2.4, gc()',
        "['session_expires < ?' => time() - $maxLifeTime]",
      ),
    ),
  ],
  lifetimeSource: gcMaxlifetime,
});

export const joomla: TableProfile = profile({
  name: 'joomla',
  title: 'Joomla',
  servers: ['mysql', 'postgresql'],
  table: 'session',
  columns: { id: 'session_id', time: 'time' },
  // Joomla 3 has it in a column of text.
  timeTypes: ['number', 'number-text'],
  readings: [
    lastWrite(
      source(
        'joomla-framework/session src/Handler/DatabaseHandler.php 3.0.0:76',
        "delete('#__session')->where('time < ?'), time() - $maxlifetime",
      ),
    ),
  ],
  index: ['time'],
  lifetimeSource: source('joomla/joomla-cms configuration.php', '$lifetime (minutes)'),
});

const typo3File = 'TYPO3-CMS/core Classes/Session/Backend/DatabaseSessionBackend.php 14.3.6';

export const typo3Backend: TableProfile = profile({
  name: 'typo3-backend',
  title: 'TYPO3, backend users',
  table: 'be_sessions',
  columns: { id: 'ses_id', time: 'ses_tstamp', user: 'ses_userid' },
  readings: [
    lastWrite(source(`${typo3File}:198`, "lt('ses_tstamp', $EXEC_TIME - $maximumLifetime)")),
  ],
  index: ['time'],
  lifetimeSource: source(
    'TYPO3-CMS/core Classes/Session/UserSessionManager.php 14.3.6',
    "the larger of $TYPO3_CONF_VARS['BE']['sessionTimeout'] and ['BE']['lifetime']; 0: 86400",
  ),
});

/** Users and visitors have lifetimes of their own, in one table: two stores. */
export const typo3Frontend: TableProfile = {
  ...typo3Backend,
  name: 'typo3-frontend',
  title: 'TYPO3, frontend users',
  table: 'fe_sessions',
  only: [
    {
      condition: { role: 'user', is: '<>', value: 0 },
      source: source(`${typo3File}:199`, "andWhere(neq('ses_userid', 0))"),
    },
  ],
  lifetimeSource: source(
    'TYPO3-CMS/core Classes/Session/UserSessionManager.php 14.3.6',
    "the larger of $TYPO3_CONF_VARS['FE']['sessionTimeout'] and ['FE']['lifetime']; 0: 86400",
  ),
};

export const typo3Anonymous: TableProfile = {
  ...typo3Frontend,
  name: 'typo3-anonymous',
  title: 'TYPO3, visitors',
  readings: [
    lastWrite(
      source(`${typo3File}:205`, "lt('ses_tstamp', $EXEC_TIME - $maximumAnonymousLifetime)"),
    ),
  ],
  only: [
    {
      condition: { role: 'user', is: '=', value: 0 },
      source: source(`${typo3File}:206`, "andWhere(eq('ses_userid', 0))"),
    },
  ],
  lifetimeSource: source(
    'TYPO3-CMS/core Classes/Session/UserSessionManager.php 14.3.6',
    "$TYPO3_CONF_VARS['FE']['sessionDataLifetime']",
  ),
};

export const woocommerce: TableProfile = profile({
  name: 'woocommerce',
  title: 'WooCommerce',
  servers: ['mysql'],
  table: 'woocommerce_sessions',
  // Key and unique index have changed places between versions; either tells the rows apart.
  columns: { id: 'session_id', expiry: 'session_expiry' },
  readings: [
    expiry(
      source(
        'woocommerce/woocommerce plugins/woocommerce/includes/class-wc-session-handler.php 9.x, cleanup_sessions()',
        'DELETE FROM $table WHERE session_expiry < %d (time())',
      ),
    ),
  ],
});

export const roundcube: TableProfile = profile({
  name: 'roundcube',
  title: 'Roundcube',
  table: 'session',
  columns: { id: 'sess_id', time: 'changed' },
  timeTypes: ['wall-clock', 'moment'],
  readings: [
    lastWrite(
      source(
        'roundcube/roundcubemail program/lib/Roundcube/session/db.php 1.6.5, gc_db()',
        'DELETE FROM session WHERE changed < now(-$gc_enabled)',
      ),
    ),
  ],
  index: ['time'],
  lifetimeSource: source(
    'roundcube/roundcubemail program/lib/Roundcube/rcube.php 1.6.5, session_init()',
    "twice $config['session_lifetime'] (minutes)",
  ),
});

export const ttrss: TableProfile = profile({
  name: 'tt-rss',
  title: 'Tiny Tiny RSS',
  servers: ['mysql', 'postgresql'],
  table: 'ttrss_sessions',
  columns: { id: 'id', expiry: 'expire' },
  readings: [
    expiry(
      source(
        'tt-rss include/sessions.php 21, ttrss_gc()',
        'DELETE FROM ttrss_sessions WHERE expire < time()',
      ),
    ),
  ],
  index: ['expiry'],
});

/**
 * The server's housekeeper deletes by the time since the last access. A user's own automatic logout ends
 * sessions before that, and is the frontend's business: a user without one stays logged in this long.
 */
export const zabbix: TableProfile = profile({
  name: 'zabbix',
  title: 'Zabbix',
  servers: ['mysql', 'postgresql'],
  table: 'sessions',
  columns: { id: 'sessionid', time: 'lastaccess' },
  readings: [
    lastWrite(
      source(
        'zabbix/zabbix src/zabbix_server/housekeeper/housekeeper.c 6.0, housekeeping_sessions()',
        'DBdelete_from_table("sessions", "lastaccess<%d", now - cfg.hk.sessions)',
      ),
    ),
  ],
  lifetimeSource: source(
    'zabbix/zabbix, table config',
    'hk_sessions ("User sessions" in Administration, Housekeeping; 365d)',
  ),
});
