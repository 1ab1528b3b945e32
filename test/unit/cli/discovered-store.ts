/**
 * A discovered store to render, of plain round values.
 *
 * Invariant: what a test does not change is collectable and has a source.
 */
import type { Store } from '../../../lib/index.js';

const fpmIni = '/etc/php/8.2/fpm/php.ini';

export function discoveredStore(changes: Partial<Store> = {}): Store {
  return {
    id: '/srv/a',
    handler: 'files',
    path: '/srv/a',
    depth: 0,
    maxLifetime: 1440,
    lifetimesByUser: [],
    doubt: null,
    grace: 0,
    user: 'root',
    usedBy: ['php8.2-fpm pool www'],
    restsOn: ['/etc/php/8.2/fpm/php.ini'],
    collectable: true,
    reason: null,
    isBlocked: false,
    isNamed: false,
    settings: {
      'session.save_path': { value: '/srv/a', source: `${fpmIni}:1400` },
      'session.gc_maxlifetime': { value: '1440', source: `${fpmIni}:1432` },
    },
    warnings: [],
    target: {
      savePath: Buffer.from('0;/srv/a'),
      maxLifetimeSeconds: 1440,
      graceSeconds: 0,
      lifetimesByUid: new Map(),
      directory: null,
      root: null,
    },
    ...changes,
  };
}
