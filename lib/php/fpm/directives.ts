/**
 * The names that php-fpm knows, of all versions (sapi/fpm/fpm/fpm_conf.c, ini_fpm_global_options and
 * ini_fpm_pool_options).
 *
 * Invariant: all in lower case; php-fpm takes plain directives in any case, arrays only in this one.
 */
import type { ByteString } from '../byte-string.js';

const globalDirectives: ReadonlySet<string> = new Set([
  'daemonize',
  'emergency_restart_interval',
  'emergency_restart_threshold',
  'error_log',
  'events.mechanism',
  'log_buffering',
  'log_level',
  'log_limit',
  'pid',
  'process.max',
  'process.priority',
  'process_control_timeout',
  'rlimit_core',
  'rlimit_files',
  'syslog.facility',
  'syslog.ident',
  'systemd_interval',
]);

const poolDirectives: ReadonlySet<string> = new Set([
  'access.format',
  'access.log',
  'apparmor_hat',
  'catch_workers_output',
  'chdir',
  'chroot',
  'clear_env',
  'decorate_workers_output',
  'group',
  'listen',
  'listen.acl_groups',
  'listen.acl_users',
  'listen.allowed_clients',
  'listen.backlog',
  'listen.group',
  'listen.mode',
  'listen.owner',
  'listen.setfib',
  'ping.path',
  'ping.response',
  'pm',
  'pm.max_children',
  'pm.max_requests',
  'pm.max_spare_servers',
  'pm.max_spawn_rate',
  'pm.min_spare_servers',
  'pm.process_idle_timeout',
  'pm.start_servers',
  'pm.status_listen',
  'pm.status_path',
  'prefix',
  'process.dumpable',
  'process.priority',
  'request_slowlog_timeout',
  'request_slowlog_trace_depth',
  'request_terminate_timeout',
  'request_terminate_timeout_track_finished',
  'rlimit_core',
  'rlimit_files',
  'security.limit_extensions',
  'slowlog',
  'user',
]);

/** What `name[key] = value` in a pool is put into. */
export const arrayNames: ReadonlyMap<
  ByteString,
  {
    readonly array: 'env' | 'php_value' | 'php_admin_value';
    readonly isFlag: boolean;
  }
> = new Map([
  ['env', { array: 'env', isFlag: false }],
  ['php_value', { array: 'php_value', isFlag: false }],
  ['php_flag', { array: 'php_value', isFlag: true }],
  ['php_admin_value', { array: 'php_admin_value', isFlag: false }],
  ['php_admin_flag', { array: 'php_admin_value', isFlag: true }],
]);

export function isGlobalDirective(lowerCaseName: string): boolean {
  return globalDirectives.has(lowerCaseName);
}

export function isPoolDirective(lowerCaseName: string): boolean {
  return poolDirectives.has(lowerCaseName);
}
