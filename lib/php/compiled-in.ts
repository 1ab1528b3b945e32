/**
 * The defaults that PHP has without any ini file: upstream's, and those that a distribution compiles
 * in. What stands in a packaged php.ini or pool file is not here: it is read.
 *
 * Invariant: facts of PHP's source and of packages' patches, each with its origin; no paths are
 * looked at here. Where an interpreter was asked (./ask.ts), its own word goes before these.
 */
import type { ByteString } from './byte-string.js';
import type { Setting } from './provenance.js';
import type { SessionSettingName, SessionSettings } from './usage.js';

export type Packager = 'upstream' | 'debian';

/** ext/session/session.c, PHP_INI_BEGIN(), and main/main.c for sys_temp_dir. */
const upstream: ReadonlyMap<SessionSettingName, ByteString> = new Map([
  ['session.save_handler', 'files'],
  // Empty: the temporary directory.
  ['session.save_path', ''],
  ['session.gc_maxlifetime', '1440'],
  ['session.gc_probability', '1'],
  ['session.gc_divisor', '100'],
  ['sys_temp_dir', ''],
]);

const values: Readonly<Record<Packager, ReadonlyMap<SessionSettingName, ByteString>>> = {
  upstream,
  // debian/patches/session_save_path.patch. (gc_probability = 0 stands in Debian's php.ini.)
  debian: new Map([...upstream, ['session.save_path', '/var/lib/php/sessions']]),
};

const names: Readonly<Record<Packager, string>> = { upstream: 'PHP', debian: "Debian's PHP" };

/** What holds where nothing is set: on RHEL, Alpine and in containers upstream's. */
export function compiledInSettings(packager: Packager): SessionSettings {
  return new Map(
    Array.from(values[packager], ([name, value]): [SessionSettingName, Setting] => [
      name,
      { value, source: { kind: 'default', of: names[packager] }, setBy: 0 },
    ]),
  );
}

/**
 * Where PHP puts sessions when save_path is empty: php_get_temporary_directory() in
 * main/php_open_temporary_file.c. One slash is taken off the end; a sys_temp_dir of `/` is ignored.
 */
export function temporaryDirectory(settings: SessionSettings): Setting {
  const sysTempDir = settings.get('sys_temp_dir');
  if (sysTempDir !== undefined && sysTempDir.value !== '' && sysTempDir.value !== '/')
    return { ...sysTempDir, value: sysTempDir.value.replace(/\/$/, '') };
  const tmpdir = settings.get('TMPDIR');
  // PHP makes '' of a TMPDIR of `/`, and then `/sess_…` of that.
  if (tmpdir !== undefined && tmpdir.value !== '')
    return { ...tmpdir, value: tmpdir.value.replace(/(.)\/$/s, '$1') };
  return { value: '/tmp', source: { kind: 'default', of: 'PHP' }, setBy: 0 };
}
