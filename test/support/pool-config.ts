/**
 * php-fpm configurations for the services that tests start.
 *
 * Invariant: everything that such an FPM writes lies in the directory that is named.
 */

export interface PoolToRun {
  readonly name: string;
  readonly user: string;
  /** As `php_value[session.gc_maxlifetime] = 60`. */
  readonly lines?: readonly string[];
}

/** The main file; the pool `www` listens on `DIRECTORY/www.sock`. */
export function fpmConfiguration(directory: string, pools: readonly PoolToRun[]): string {
  return [
    '[global]',
    `error_log = ${directory}/fpm.log`,
    ...pools.flatMap(({ name, user, lines = [] }) => [
      `[${name}]`,
      `user = ${user}`,
      `group = ${user === 'nobody' ? 'nogroup' : user}`,
      `listen = ${directory}/${name}.sock`,
      'pm = static',
      'pm.max_children = 1',
      ...lines,
    ]),
    '',
  ].join('\n');
}

/** A script that writes the session whose id is its query string. */
export const sessionPage = `<?php
session_id($_SERVER['QUERY_STRING']);
session_start(['use_cookies' => 0, 'use_strict_mode' => 0, 'gc_probability' => 0]);
$_SESSION['a'] = 1;
session_write_close();
echo 'written';
`;
