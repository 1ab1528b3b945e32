/**
 * Where distributions, panels and containers put PHP's configuration: one row a layout.
 *
 * Invariant: facts only, each tried in the tree; a layout whose files are not there yields nothing.
 * An installation is one SAPI of one PHP, since each may have its own php.ini.
 */
import type { ByteString } from './byte-string.js';
import type { Packager } from './compiled-in.js';
import { type FileTree, Unreadable } from './file-tree.js';
import type { Sapi } from './usage.js';

export interface Installation {
  /** What people call it, as `php8.2-fpm`. */
  readonly label: string;
  readonly sapi: Sapi;
  /** PHP's own name of it, as `fpm-fcgi`. */
  readonly sapiName: string;
  /** As `8.2`, where a path tells. */
  readonly version: string | null;
  /** Where php.ini is looked for. */
  readonly searchDirs: readonly ByteString[];
  /** The scan directories, `:` between them. */
  readonly scanPath: ByteString;
  /** php-fpm.conf, for FPM. */
  readonly fpmFile: ByteString | null;
  /** The command line's interpreter, which may be asked for what was compiled in. */
  readonly interpreter: ByteString;
  readonly packager: Packager;
  /** Containers usually have none. */
  readonly isIniOptional?: true;
}

/** A PHP whose SAPIs share one php.ini. */
interface Layout {
  /** Directories with one PHP each: their parent, and their names. Null: `root` alone. */
  readonly parent: ByteString | null;
  readonly name: RegExp;
  readonly ini: ByteString;
  readonly scan: readonly ByteString[];
  readonly fpm: ByteString | null;
  readonly interpreter: ByteString;
  readonly sapi?: Sapi;
  /** What the package's name begins with, where the directory's is the same with others. */
  readonly vendor?: string;
}

/** Below the directory that was found; `%` is its name, `@` its version with a dot. */
const layouts: readonly Layout[] = [
  // RHEL, Fedora
  {
    parent: null,
    name: /^$/,
    ini: '/etc',
    scan: ['/etc/php.d'],
    fpm: '/etc/php-fpm.conf',
    interpreter: '/usr/bin/php',
  },
  // Remi's collections
  {
    parent: '/etc/opt/remi',
    name: /^php\d\d+$/,
    ini: '/etc/opt/remi/%',
    scan: ['/etc/opt/remi/%/php.d'],
    fpm: '/etc/opt/remi/%/php-fpm.conf',
    interpreter: '/opt/remi/%/root/usr/bin/php',
  },
  // Alpine
  {
    parent: '/etc',
    name: /^php\d+$/,
    ini: '/etc/%',
    scan: ['/etc/%/conf.d'],
    fpm: '/etc/%/php-fpm.conf',
    interpreter: '/usr/bin/%',
  },
  // What is built from source, with its default prefix
  {
    parent: null,
    name: /^$/,
    ini: '/usr/local/lib',
    scan: [],
    fpm: '/usr/local/etc/php-fpm.conf',
    interpreter: '/usr/local/bin/php',
  },
  // The same, as FreeBSD has it
  {
    parent: null,
    name: /^$/,
    ini: '/usr/local/etc',
    scan: ['/usr/local/etc/php'],
    fpm: '/usr/local/etc/php-fpm.conf',
    interpreter: '/usr/local/bin/php',
  },
  // The official containers
  {
    parent: null,
    name: /^$/,
    ini: '/usr/local/etc/php',
    scan: ['/usr/local/etc/php/conf.d'],
    fpm: '/usr/local/etc/php-fpm.conf',
    interpreter: '/usr/local/bin/php',
  },
  // cPanel
  {
    parent: '/opt/cpanel',
    name: /^ea-php\d\d+$/,
    ini: '/opt/cpanel/%/root/etc',
    scan: ['/opt/cpanel/%/root/etc/php.d'],
    fpm: '/opt/cpanel/%/root/etc/php-fpm.conf',
    interpreter: '/opt/cpanel/%/root/usr/bin/php',
  },
  // CloudLinux
  {
    parent: '/opt/alt',
    name: /^php\d\d+$/,
    ini: '/opt/alt/%/etc',
    scan: ['/opt/alt/%/link/conf', '/opt/alt/%/etc/php.d'],
    fpm: '/opt/alt/%/etc/php-fpm.conf',
    interpreter: '/opt/alt/%/usr/bin/php',
    vendor: 'alt-',
  },
  // Plesk
  {
    parent: '/opt/plesk/php',
    name: /^\d+\.\d+$/,
    ini: '/opt/plesk/php/%/etc',
    scan: ['/opt/plesk/php/%/etc/php.d'],
    fpm: '/opt/plesk/php/%/etc/php-fpm.conf',
    interpreter: '/opt/plesk/php/%/bin/php',
    vendor: 'plesk-',
  },
  // LiteSpeed, on Debian and on RHEL
  {
    parent: '/usr/local/lsws',
    name: /^lsphp\d\d+$/,
    ini: '/usr/local/lsws/%/etc/php/@/litespeed',
    scan: ['/usr/local/lsws/%/etc/php/@/mods-available'],
    fpm: null,
    interpreter: '/usr/local/lsws/%/bin/php',
    sapi: 'litespeed',
  },
  {
    parent: '/usr/local/lsws',
    name: /^lsphp\d\d+$/,
    ini: '/usr/local/lsws/%/etc',
    scan: ['/usr/local/lsws/%/etc/php.d'],
    fpm: null,
    interpreter: '/usr/local/lsws/%/bin/php',
    sapi: 'litespeed',
  },
];

/** PHP's own names of the SAPIs. */
export const sapiNames: Readonly<Record<Exclude<Sapi, 'configuration'>, string>> = {
  cli: 'cli',
  cgi: 'cgi-fcgi',
  fpm: 'fpm-fcgi',
  apache2: 'apache2handler',
  litespeed: 'litespeed',
  frankenphp: 'frankenphp',
};

/** Debian and Ubuntu keep a directory for each SAPI. */
const debianSapis = ['cli', 'cgi', 'fpm', 'apache2'] as const;

/** All that the tree holds, in the order of the layouts. */
export function findInstallations(tree: FileTree): Installation[] {
  return [
    ...debianInstallations(tree),
    ...layouts.flatMap((layout) => installationsOf(tree, layout)),
  ];
}

function debianInstallations(tree: FileTree): Installation[] {
  return namesIn(tree, '/etc/php', /^\d+\.\d+$/).flatMap((version) =>
    debianSapis
      .filter((sapi) => isThere(tree, `/etc/php/${version}/${sapi}`))
      .map(
        (sapi): Installation => ({
          label: `php${version}-${sapi}`,
          sapi,
          sapiName: sapiNames[sapi],
          version,
          searchDirs: [`/etc/php/${version}/${sapi}`],
          scanPath: `/etc/php/${version}/${sapi}/conf.d`,
          fpmFile: sapi === 'fpm' ? `/etc/php/${version}/fpm/php-fpm.conf` : null,
          interpreter: `/usr/bin/php${version}`,
          packager: 'debian',
        }),
      ),
  );
}

function installationsOf(tree: FileTree, layout: Layout): Installation[] {
  const names = layout.parent === null ? [''] : namesIn(tree, layout.parent, layout.name);
  return names.flatMap((name) => {
    const version = versionOf(name);
    const at = (path: ByteString) => path.replaceAll('%', name).replaceAll('@', version ?? '');
    const iniDirectory = at(layout.ini);
    const fpmFile = layout.fpm === null ? null : at(layout.fpm);
    const hasIni = isThere(tree, `${iniDirectory}/php.ini`);
    const hasFpm = fpmFile !== null && isThere(tree, fpmFile);
    const interpreter = at(layout.interpreter);
    if (
      !(iniDirectory.startsWith('/usr/local/') ? isLocal(tree, layout, hasIni) : hasIni || hasFpm)
    )
      return [];
    const shared = {
      version,
      searchDirs: [iniDirectory],
      scanPath: layout.scan.map(at).join(':'),
      interpreter,
      packager: 'upstream' as const,
      ...(isOfContainer(layout) ? { isIniOptional: true as const } : {}),
    };
    const directory = name === '' ? 'php' : /^\d/.test(name) ? `php${name}` : name;
    const label = `${layout.vendor ?? ''}${directory}`;
    const main = layout.sapi ?? 'cli';
    const found: Installation[] = [
      {
        ...shared,
        label: `${label}-${main}`,
        sapi: main,
        sapiName: sapiNames[main as 'cli'],
        fpmFile: null,
      },
    ];
    if (hasFpm)
      found.push({
        ...shared,
        label: `${label}-fpm`,
        sapi: 'fpm',
        sapiName: sapiNames.fpm,
        fpmFile,
      });
    return found;
  });
}

/** Whose PHP /usr/local/bin/php is shows in its php.ini alone; a container's needs none. */
function isLocal(tree: FileTree, layout: Layout, hasIni: boolean): boolean {
  if (hasIni || layout.interpreter !== '/usr/local/bin/php') return hasIni;
  const container = '/usr/local/etc/php';
  const others = [container, '/usr/local/etc', '/usr/local/lib'].filter(
    (directory) => directory !== layout.ini && isThere(tree, `${directory}/php.ini`),
  );
  if (isOfContainer(layout))
    return (
      isThere(tree, `${container}/conf.d`) || (isThere(tree, container) && others.length === 0)
    );
  // Where nothing tells, it is built from source.
  const isFromSource = layout.ini === '/usr/local/lib' && others.length === 0;
  return isFromSource && !isThere(tree, container) && isThere(tree, layout.fpm ?? layout.ini);
}

function isOfContainer({ ini }: Layout): boolean {
  return ini === '/usr/local/etc/php';
}

/** `php82`, `ea-php82`, `8.2` are 8.2. */
function versionOf(name: ByteString): string | null {
  const digits = /(\d)\.?(\d+)$/.exec(name);
  return digits === null ? null : `${digits[1]}.${digits[2]}`;
}

function namesIn(tree: FileTree, directory: ByteString, name: RegExp): ByteString[] {
  const names = tree.list(directory);
  return names instanceof Unreadable ? [] : names.filter((each) => name.test(each));
}

function isThere(tree: FileTree, path: ByteString): boolean {
  return !(tree.find(path) instanceof Unreadable);
}
