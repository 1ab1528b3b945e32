/**
 * PHP's own collector, session_gc().
 *
 * Invariant: it is asked only for what it does: of nested directories it removes nothing (up to 8.5).
 */
import { script } from '../places.js';
import { type Driver, firstLine, missingProgram } from './driver.js';

const settings = {
  'session.save_handler': 'files',
  'session.use_cookies': '0',
  'session.cache_limiter': '',
  'session.use_strict_mode': '0',
  'session.gc_probability': '0',
};

export const sessionGc: Driver = {
  name: 'session_gc',
  about: 'php -d session.gc_maxlifetime=LIFETIME session-gc.php DIR...: session_gc() in each',
  missing: () => missingProgram('php'),
  version: () => firstLine('php', '--version'),
  unsuitable: ({ depth }) =>
    depth > 0 ? 'session_gc() removes nothing from nested directories' : undefined,
  command: ({ tree, lifetimeSeconds }) => ({
    argv: [
      'php',
      ...Object.entries({ ...settings, 'session.gc_maxlifetime': String(lifetimeSeconds) }).flatMap(
        ([name, value]) => ['-d', `${name}=${value}`],
      ),
      script('session-gc.php'),
      ...tree.stores,
    ],
  }),
};
