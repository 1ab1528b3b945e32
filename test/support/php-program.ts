/**
 * The texts of a PHP program as compilers lay them down, for tests of what is read from one.
 *
 * Invariant: a text stands once, however often PHP names it, as linkers merge them.
 */
export interface ProgramTexts {
  readonly sapi: 'cli' | 'fpm' | 'cgi' | 'litespeed';
  readonly ini: string;
  /** '' for none. */
  readonly scan: string;
  readonly prefix: string;
  /** Default: `etc` below the prefix. */
  readonly sysconf?: string;
  readonly localstate?: string;
  readonly version?: string;
  /** The default of session.save_path. */
  readonly savePath?: string;
  readonly lifetime?: string;
  /** What `configure` was given; null: the package took it out. */
  readonly configure?: string | null;
  /** Compilers differ in which comes first. */
  readonly isNameFirst?: boolean;
}

/** What no other SAPI's program has. */
const marks = {
  cli: ['cli-server'],
  fpm: ['fpm-fcgi'],
  cgi: [],
  litespeed: ['LSPHP_ENABLE_USER_INI'],
} as const;

export function phpProgram(texts: ProgramTexts): string {
  const { ini, scan, prefix, sysconf = `${prefix}/etc`, localstate = `${prefix}/var` } = texts;
  const { version = '8.2.20', savePath = '', lifetime = '1440', configure = null } = texts;
  const constants = [
    ['PHP_PREFIX', prefix],
    ['PHP_BINDIR', `${prefix}/bin`],
    ['PHP_MANDIR', `${prefix}/share/man`],
    ['PHP_LIBDIR', `${prefix}/lib/php`],
    ['PHP_SYSCONFDIR', sysconf],
    ['PHP_LOCALSTATEDIR', localstate],
    ['PHP_CONFIG_FILE_PATH', ini],
    ['PHP_CONFIG_FILE_SCAN_DIR', scan],
  ] as const;
  const all = [
    ...marks[texts.sapi],
    'session.save_path',
    savePath,
    'session.name',
    'PHPSESSID',
    'session.gc_maxlifetime',
    lifetime,
    'session.cookie_path',
    ...(configure === null ? [] : ['Configure Command', configure]),
    ini,
    'Loaded Configuration File',
    `X-Powered-By: PHP/${version}`,
    ...constants.flatMap(([name, value]) =>
      texts.isNameFirst === true ? [name, value] : [value, name],
    ),
    'PHP_SHLIB_SUFFIX',
    '%s/php-fpm.conf',
  ];
  return `\0${[...new Set(all.filter((text) => text !== ''))].join('\0')}\0`;
}
