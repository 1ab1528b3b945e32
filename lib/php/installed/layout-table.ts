/**
 * Where distributions, panels and containers put PHP's configuration: one row a layout. For where no
 * program, unit or list of files tells (docs/layouts.md says where each row was read).
 *
 * Invariant: facts only, each tried in the tree; a layout whose files are not there yields nothing.
 */
import type { ByteString } from '../byte-string.js';
import type { Packager } from '../compiled-in.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { type Installation, sapiNames, versionIn } from './installation.js';

type RunSapi = keyof typeof sapiNames;

interface Layout {
  /** Directories with one PHP each: their parent, and their names; what is captured names the PHP. */
  readonly parent: ByteString | null;
  readonly name: RegExp;
  /** Where SAPIs have a php.ini each: their directories' names. Default: they share one. */
  readonly sapis?: Readonly<Record<string, RunSapi>>;
  readonly ini: ByteString;
  readonly scan: readonly ByteString[];
  readonly fpm: ByteString | null;
  readonly interpreter: ByteString;
  /** The SAPI of those that share a php.ini. Default: the command line. */
  readonly sapi?: RunSapi;
  /** What the package's name begins with, where the directory's is the same with others. */
  readonly vendor?: string;
  readonly packager?: Packager;
  /** Whether a SAPI's directory tells of it without a php.ini in it. */
  readonly isDirectoryEnough?: true;
}

/** Below the directory that was found: `%` is its name, `@` its version with a dot, `&` a SAPI's directory. */
const layouts: readonly Layout[] = [
  // Debian and Ubuntu
  {
    parent: '/etc/php',
    name: /^(\d+\.\d+)$/,
    sapis: { cli: 'cli', cgi: 'cgi', fpm: 'fpm', apache2: 'apache2' },
    ini: '/etc/php/%/&',
    scan: ['/etc/php/%/&/conf.d'],
    fpm: '/etc/php/%/fpm/php-fpm.conf',
    interpreter: '/usr/bin/php%',
    packager: 'debian',
    isDirectoryEnough: true,
  },
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
    name: /^(php\d\d+)$/,
    ini: '/etc/opt/remi/%',
    scan: ['/etc/opt/remi/%/php.d'],
    fpm: '/etc/opt/remi/%/php-fpm.conf',
    interpreter: '/opt/remi/%/root/usr/bin/php',
  },
  // Gentoo
  {
    parent: '/etc/php',
    name: /^(?:cli|cgi|fpm|apache2|embed)-(php\d+\.\d+)$/,
    sapis: { cli: 'cli', cgi: 'cgi', fpm: 'fpm', apache2: 'apache2' },
    ini: '/etc/php/&-%',
    scan: ['/etc/php/&-%/ext-active'],
    fpm: '/etc/php/fpm-%/php-fpm.conf',
    interpreter: '/usr/lib64/%/bin/php',
  },
  // Arch
  {
    parent: '/etc',
    name: /^(php(?:-legacy)?)$/,
    ini: '/etc/%',
    scan: ['/etc/%/conf.d'],
    fpm: '/etc/%/php-fpm.conf',
    interpreter: '/usr/bin/%',
  },
  // openSUSE
  {
    parent: '/etc',
    name: /^(php\d+)$/,
    sapis: { cli: 'cli', fastcgi: 'cgi', fpm: 'fpm', apache2: 'apache2' },
    ini: '/etc/%/&',
    scan: ['/etc/%/conf.d'],
    fpm: '/etc/%/fpm/php-fpm.conf',
    interpreter: '/usr/bin/%',
  },
  // Alpine
  {
    parent: '/etc',
    name: /^(php\d+)$/,
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
    name: /^(ea-php\d\d+)$/,
    ini: '/opt/cpanel/%/root/etc',
    scan: ['/opt/cpanel/%/root/etc/php.d'],
    fpm: '/opt/cpanel/%/root/etc/php-fpm.conf',
    interpreter: '/opt/cpanel/%/root/usr/bin/php',
  },
  // CloudLinux
  {
    parent: '/opt/alt',
    name: /^(php\d\d+)$/,
    ini: '/opt/alt/%/etc',
    scan: ['/opt/alt/%/link/conf', '/opt/alt/%/etc/php.d'],
    fpm: '/opt/alt/%/etc/php-fpm.conf',
    interpreter: '/opt/alt/%/usr/bin/php',
    vendor: 'alt-',
  },
  // Plesk
  {
    parent: '/opt/plesk/php',
    name: /^(\d+\.\d+)$/,
    ini: '/opt/plesk/php/%/etc',
    scan: ['/opt/plesk/php/%/etc/php.d'],
    fpm: '/opt/plesk/php/%/etc/php-fpm.conf',
    interpreter: '/opt/plesk/php/%/bin/php',
    vendor: 'plesk-',
  },
  // DirectAdmin
  {
    parent: '/usr/local',
    name: /^(php\d\d+)$/,
    ini: '/usr/local/%/lib',
    scan: ['/usr/local/%/lib/php.conf.d'],
    fpm: '/usr/local/%/etc/php-fpm.conf',
    interpreter: '/usr/local/%/bin/php',
  },
  // aaPanel
  {
    parent: '/www/server/php',
    name: /^(\d\d+)$/,
    ini: '/www/server/php/%/etc',
    scan: [],
    fpm: '/www/server/php/%/etc/php-fpm.conf',
    interpreter: '/www/server/php/%/bin/php',
  },
  // Bitnami
  {
    parent: '/opt/bitnami',
    name: /^(php)$/,
    ini: '/opt/bitnami/%/etc',
    scan: ['/opt/bitnami/%/etc/conf.d'],
    fpm: '/opt/bitnami/%/etc/php-fpm.conf',
    interpreter: '/opt/bitnami/%/bin/php',
    vendor: 'bitnami-',
  },
  // LiteSpeed, on Debian and on RHEL
  {
    parent: '/usr/local/lsws',
    name: /^(lsphp\d\d+)$/,
    ini: '/usr/local/lsws/%/etc/php/@/litespeed',
    scan: ['/usr/local/lsws/%/etc/php/@/mods-available'],
    fpm: null,
    interpreter: '/usr/local/lsws/%/bin/php',
    sapi: 'litespeed',
  },
  {
    parent: '/usr/local/lsws',
    name: /^(lsphp\d\d+)$/,
    ini: '/usr/local/lsws/%/etc',
    scan: ['/usr/local/lsws/%/etc/php.d'],
    fpm: null,
    interpreter: '/usr/local/lsws/%/bin/php',
    sapi: 'litespeed',
  },
];

/** All that the tree holds, in the order of the layouts. */
export function installationsByTable(tree: FileTree): Installation[] {
  return layouts.flatMap((layout) => {
    const names = layout.parent === null ? [''] : namesIn(tree, layout.parent, layout.name);
    return names.flatMap((name) => installationsOf(tree, layout, name));
  });
}

function installationsOf(tree: FileTree, layout: Layout, name: ByteString): Installation[] {
  const { sapis } = layout;
  if (sapis === undefined) return ofSharedIni(tree, layout, name);
  return Object.entries(sapis).flatMap(([directory, sapi]): Installation[] => {
    const found = placed(layout, name, directory);
    const [ini = ''] = found.searchDirs;
    const isEvident =
      layout.isDirectoryEnough === true
        ? isThere(tree, ini)
        : isThere(tree, `${ini}/php.ini`) ||
          (sapi === 'fpm' && found.fpmFile !== null && isThere(tree, found.fpmFile));
    if (!isEvident) return [];
    return [ofSapi(found, layout, name, sapi)];
  });
}

function ofSharedIni(tree: FileTree, layout: Layout, name: ByteString): Installation[] {
  const found = placed(layout, name, '');
  const [ini = ''] = found.searchDirs;
  const hasIni = isThere(tree, `${ini}/php.ini`);
  const hasFpm = found.fpmFile !== null && isThere(tree, found.fpmFile);
  const isLocal = found.interpreter === '/usr/local/bin/php' || layout.sapi === 'litespeed';
  if (!(isLocal ? isLocalPhp(tree, layout, hasIni) : hasIni || hasFpm)) return [];
  const main = ofSapi({ ...found, fpmFile: null }, layout, name, layout.sapi ?? 'cli');
  return hasFpm ? [main, ofSapi(found, layout, name, 'fpm')] : [main];
}

type Placed = Pick<
  Installation,
  'version' | 'searchDirs' | 'scanPath' | 'fpmFile' | 'interpreter' | 'packager' | 'isIniOptional'
>;

function placed(layout: Layout, name: ByteString, directory: ByteString): Placed {
  const version = versionIn(name);
  const at = (path: ByteString) =>
    path
      .replaceAll('%', name)
      .replaceAll('@', version ?? '')
      .replaceAll('&', directory);
  return {
    version,
    searchDirs: [at(layout.ini)],
    scanPath: layout.scan.map(at).join(':'),
    fpmFile: layout.fpm === null ? null : at(layout.fpm),
    interpreter: at(layout.interpreter),
    packager: layout.packager ?? 'upstream',
    ...(isOfContainer(layout) ? { isIniOptional: true as const } : {}),
  };
}

function ofSapi(found: Placed, layout: Layout, name: ByteString, sapi: RunSapi): Installation {
  const directory = name === '' ? 'php' : /^\d/.test(name) ? `php${name}` : name;
  return {
    ...found,
    label: `${layout.vendor ?? ''}${directory}-${sapi}`,
    sapi,
    sapiName: sapiNames[sapi],
    fpmFile: sapi === 'fpm' ? found.fpmFile : null,
  };
}

/** Whose PHP /usr/local/bin/php is shows in its php.ini alone; a container's needs none. */
function isLocalPhp(tree: FileTree, layout: Layout, hasIni: boolean): boolean {
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

/** What the names of the directories capture, each once. */
function namesIn(tree: FileTree, directory: ByteString, name: RegExp): ByteString[] {
  const names = tree.list(directory);
  if (names instanceof Unreadable) return [];
  return [...new Set(names.flatMap((each) => name.exec(each)?.[1] ?? []))];
}

function isThere(tree: FileTree, path: ByteString): boolean {
  return !(tree.find(path) instanceof Unreadable);
}
