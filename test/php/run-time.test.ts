/**
 * Real PHP is the oracle for what .user.ini and .htaccess files may still set once open_basedir is
 * there, in FPM and in mod_php: in each case it must end with the values that sescle gives.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scanDocumentRoots } from '../../lib/php/apache/document-roots.js';
import { overrideUsages } from '../../lib/php/apache/override-usages.js';
import { readApache } from '../../lib/php/apache/read-apache.js';
import { apacheUsages } from '../../lib/php/apache/usages.js';
import { compiledInSettings } from '../../lib/php/compiled-in.js';
import { FileTree } from '../../lib/php/file-tree.js';
import { readFpmPools } from '../../lib/php/fpm/pools.js';
import { fpmUsages } from '../../lib/php/fpm/usages.js';
import { parseIni } from '../../lib/php/ini/parse-ini.js';
import { phpValueUsages } from '../../lib/php/nginx/php-values.js';
import { layered, type SessionSettings, type Usage } from '../../lib/php/usage.js';
import { freePort, phpModule, preamble, startApache } from '../support/apache.js';
import { runByFastCgi } from '../support/fastcgi.js';
import { findPhpFpm, startPhpFpm } from '../support/php-fpm.js';
import { tempDir } from '../support/temp-dir.js';

const names = [
  'session.save_handler',
  'session.save_path',
  'session.gc_maxlifetime',
  'open_basedir',
] as const;

const script = `<?php
foreach (${JSON.stringify(names)} as $name) $values[$name] = ini_get($name);
echo json_encode($values, JSON_UNESCAPED_SLASHES);`;

const tree = new FileTree('/');
const commandLine = { kind: 'command line' } as const;
const defaults = layered(
  compiledInSettings('debian'),
  new Map([['open_basedir', { value: '', source: commandLine, setBy: 0 }]]),
);

/** `@` stands for the test's directory. */
interface FpmCase {
  readonly pool?: string;
  readonly userIni?: string;
  /** Of a directory below. */
  readonly below?: string;
  readonly sent?: Readonly<Partial<Record<'PHP_VALUE' | 'PHP_ADMIN_VALUE', string>>>;
  /** PHP's own save_path there, as documentation of the case. */
  readonly savePath?: string;
  readonly isUnsure?: true;
}

const lifetime = 'session.gc_maxlifetime = 86400';
const elsewhere = `session.save_path = @/sessions\n${lifetime}`;
const byDefault = '/var/lib/php/sessions';
const bounds = 'open_basedir = @/web:@/tmp';

const fpmCases: Readonly<Record<string, FpmCase>> = {
  'of an administrator, before a save_path outside': {
    pool: 'php_value[session.save_path]=@/tmp\nphp_admin_value[open_basedir]=@/web:@/tmp',
    userIni: elsewhere,
    savePath: '@/tmp',
  },
  'of php_value, before a save_path outside': {
    pool: 'php_value[session.save_path]=@/tmp\nphp_value[open_basedir]=@/web:@/tmp',
    userIni: elsewhere,
    savePath: '@/tmp',
  },
  'above the save_path': { userIni: `${bounds}\n${elsewhere}`, savePath: byDefault },
  'below the save_path': { userIni: `${elsewhere}\n${bounds}`, savePath: '@/sessions' },
  'between two save_paths': {
    userIni: `session.save_path = @/tmp\n${bounds}\n${elsewhere}`,
    savePath: '@/sessions',
  },
  'in the directory above': { userIni: bounds, below: elsewhere, savePath: byDefault },
  'with a save_path of the pool outside': {
    pool: 'php_admin_value[open_basedir]=@/web\nphp_value[session.save_path]=@/sessions',
    userIni: lifetime,
    savePath: '@/sessions',
  },
  'that is to be widened': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: `open_basedir = @/\n${elsewhere}`,
    savePath: byDefault,
  },
  'that is narrowed': {
    pool: 'php_value[open_basedir]=@/',
    userIni: `open_basedir = @/web\n${elsewhere}`,
    savePath: byDefault,
  },
  'that is to be taken away': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: `open_basedir =\n${elsewhere}`,
    savePath: byDefault,
  },
  'with an empty save_path': {
    pool: 'php_value[open_basedir]=@/web\nphp_value[session.save_path]=@/web',
    userIni: `session.save_path =\n${lifetime}`,
    savePath: '',
  },
  'with an empty part first': {
    pool: 'php_value[open_basedir]=":@/web:@/sessions"',
    userIni: elsewhere,
    savePath: '@/sessions',
  },
  'with an empty part in the middle': {
    pool: 'php_value[open_basedir]="@/web::@/sessions"',
    userIni: elsewhere,
    savePath: '@/sessions',
  },
  'with a save_path inside that does not exist': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = @/web/no/such',
    savePath: '@/web/no/such',
  },
  'with a save_path outside that does not exist': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = @/no/such',
    savePath: byDefault,
  },
  'that does not exist': {
    pool: 'php_value[open_basedir]=@/web:@/tmp/no',
    userIni: 'session.save_path = @/tmp/no/such',
    savePath: byDefault,
  },
  'that begins like the save_path': {
    pool: 'php_value[open_basedir]=@/web:@/sess',
    userIni: elsewhere,
    savePath: byDefault,
  },
  'with a slash at its end': {
    pool: 'php_value[open_basedir]=@/web:@/sessions/',
    userIni: elsewhere,
    savePath: '@/sessions',
  },
  'in other letters': {
    pool: 'php_value[open_basedir]=@/web:@/SESSIONS',
    userIni: elsewhere,
    savePath: byDefault,
  },
  'that is a link': {
    pool: 'php_value[open_basedir]=@/web:@/link',
    userIni: elsewhere,
    savePath: '@/sessions',
  },
  'with a save_path that is a link into it': {
    pool: 'php_value[open_basedir]=@/web:@/sessions',
    userIni: 'session.save_path = @/link',
    savePath: '@/link',
  },
  'with a save_path that is a link out of it': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = @/web/out',
    savePath: byDefault,
  },
  'with a save_path that is a link to nothing': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = @/web/dangling',
    isUnsure: true,
  },
  'that is the script’s directory': {
    pool: 'php_value[open_basedir]=.:@/web',
    userIni: elsewhere,
    isUnsure: true,
  },
  'with a save_path that climbs': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = @/web/../sessions',
    isUnsure: true,
  },
  'with a depth and a mode': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = "2;0600;@/web"',
    savePath: '2;0600;@/web',
  },
  'with a depth, outside': {
    pool: 'php_value[open_basedir]=@/web',
    userIni: 'session.save_path = "2;@/sessions"',
    savePath: byDefault,
  },
  'of PHP_ADMIN_VALUE': {
    pool: 'php_value[session.save_path]=@/tmp',
    userIni: elsewhere,
    sent: { PHP_ADMIN_VALUE: 'open_basedir=@/web' },
    savePath: '@/tmp',
  },
  'of PHP_ADMIN_VALUE, with a PHP_VALUE outside': {
    userIni: lifetime,
    sent: { PHP_VALUE: 'session.save_path=@/sessions', PHP_ADMIN_VALUE: 'open_basedir=@/web' },
    savePath: '@/sessions',
  },
  'or not: both of what is sent counts': {
    sent: {
      PHP_VALUE: 'session.save_path=@/sessions',
      PHP_ADMIN_VALUE: 'session.gc_maxlifetime=PHP_INT_MAX',
    },
    userIni: 'session.gc_maxlifetime = 5',
    savePath: '@/sessions',
  },
  'or not: constants': {
    sent: { PHP_VALUE: 'session.gc_maxlifetime=E_ALL & ~E_NOTICE' },
    userIni: 'session.gc_divisor = 5',
    savePath: byDefault,
  },
};

function directoryWith(files: Readonly<Record<string, string>>): {
  directory: string;
  at: (text: string) => string;
} {
  const directory = tempDir();
  chmodSync(directory, 0o755);
  const at = (text: string) => text.replaceAll('@', directory);
  for (const name of ['web/a', 'tmp', 'sessions']) {
    mkdirSync(`${directory}/${name}`, { recursive: true });
    if (!name.startsWith('web')) chmodSync(`${directory}/${name}`, 0o777);
  }
  symlinkSync(`${directory}/sessions`, `${directory}/link`);
  symlinkSync(`${directory}/sessions`, `${directory}/web/out`);
  symlinkSync(`${directory}/none`, `${directory}/web/dangling`);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, at(text));
  return { directory, at };
}

function valuesOf(settings: SessionSettings): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, settings.get(name)?.value]));
}

/** The usages that are about the deepest file. */
function deepest(usages: readonly Usage[]): Usage[] {
  const last = usages.at(-1)?.label;
  return usages.filter(({ label }) => label === last);
}

const phpFpm = findPhpFpm() ?? '';
const isRoot = process.geteuid?.() === 0;

describe.skipIf(phpFpm === '' || !isRoot)('FPM and a .user.ini: open_basedir', () => {
  it('and its save_path come to what PHP ends with', { timeout: 60_000 }, async () => {
    const port = Object.entries(fpmCases).map(([name, given], index) => {
      const { pool = '', userIni = '', below } = given;
      const { directory, at } = directoryWith({
        'web/a/show.php': script,
        'web/.user.ini': userIni,
        ...(below === undefined ? {} : { 'web/a/.user.ini': below }),
      });
      const lines = `[p${index}]\nuser=www-data\nlisten=${directory}/sock\npm=static\npm.max_children=1\n${at(pool)}\n`;
      return { name, given, directory, at, lines };
    });
    const { directory: root } = directoryWith({});
    const mainFile = `${root}/fpm.conf`;
    const lines = port.map((each) => each.lines).join('');
    writeFileSync(mainFile, `[global]\nerror_log=${root}/log\n${lines}`);
    await startPhpFpm(phpFpm, mainFile, { arguments: ['-n', '-d', 'display_errors=0'] });
    const { pools, warnings } = readFpmPools(tree, {
      mainFile,
      prefix: null,
      parseIni,
      environment: new Map(),
    });
    expect(warnings).toEqual([]);
    const usages = fpmUsages(pools, defaults, { label: 'fpm', tree });
    for (const [index, { name, given, directory, at }] of port.entries()) {
      const sent = Object.entries(given.sent ?? {}).map(
        ([key, text]) => [key as 'PHP_VALUE', at(text)] as const,
      );
      const base = {
        ...(usages[index] as Usage),
        fixedSettings: pools[index]?.adminSettings ?? new Set(),
      };
      const values = phpValueUsages(
        sent.map(([key, text]) => ({
          name: key,
          text,
          source: commandLine,
          setBy: 0,
          block: 'one',
        })),
        [base],
      );
      const scanned = scanDocumentRoots(tree, [{ path: `${directory}/web`, source: commandLine }], {
        parseIni,
        userIniNames: ['.user.ini'],
        apache: null,
      });
      const found = deepest(
        overrideUsages(scanned.overrides, values.length > 0 ? values : [base], []),
      );
      const { body } = await runByFastCgi(`${directory}/sock`, `${directory}/web/a/show.php`, {
        DOCUMENT_ROOT: `${directory}/web`,
        ...Object.fromEntries(sent),
      });
      const answer: unknown = JSON.parse(body);
      if (given.savePath !== undefined)
        expect(answer, name).toMatchObject({ 'session.save_path': at(given.savePath) });
      expect(
        found.map(({ settings }) => valuesOf(settings)),
        name,
      ).toContainEqual(answer);
      expect(found, name).toHaveLength(given.isUnsure === true ? 2 : 1);
    }
  });
});

const library = phpModule();

describe.skipIf(library === undefined)('mod_php and an .htaccess: open_basedir', () => {
  it('and its save_path come to what PHP ends with', { timeout: 60_000 }, async () => {
    const set = 'php_value session.save_path @/sessions\nphp_value session.gc_maxlifetime 86400\n';
    const hosts = [
      // open_basedir comes later in the order in which PHP is told: nothing is refused.
      ['php_value session.save_path @/tmp\nphp_admin_value open_basedir @/web:@/tmp\n', set],
      ['php_admin_value open_basedir @/web:@/tmp\nphp_value session.save_path @/tmp\n', set],
      ['php_value open_basedir @/web:@/tmp\nphp_value session.save_path @/tmp\n', set],
      ['php_admin_value open_basedir @/web:@/tmp\n', set],
      ['php_admin_value open_basedir @/web:@/sessions\n', set],
      ['php_value session.save_path @/tmp\n', `php_value open_basedir @/web\n${set}`],
      ['', `php_value open_basedir @/web\n${set}`],
      ['', `${set}php_value open_basedir @/web\n`],
      ['php_value open_basedir @/web\n', `php_value open_basedir @/\n${set}`],
      ['php_admin_value open_basedir @/web\n', `php_value open_basedir @/\n${set}`],
      ['php_admin_value session.save_path @/tmp\n', set],
    ] as const;
    const root = tempDir();
    chmodSync(root, 0o755);
    const port = await freePort();
    writeFileSync(
      `${root}/php.ini`,
      'session.save_path = /base\nsession.gc_maxlifetime = 1440\ndisplay_errors = 0\n',
    );
    const sites = hosts.map(([lines, accessFile], index) => {
      const { directory, at } = directoryWith({
        'web/show.php': script,
        'web/.htaccess': accessFile,
      });
      const text = `<VirtualHost *:*>\nServerName h${index}.example\nDocumentRoot ${directory}/web\n${at(lines)}</VirtualHost>\n`;
      return { name: `${lines} / ${accessFile}`, host: `h${index}.example`, directory, text };
    });
    const mainFile = `${root}/httpd.conf`;
    const all = '<Directory />\nAllowOverride All\nRequire all granted\n</Directory>\n';
    writeFileSync(
      mainFile,
      preamble(root, port, library ?? '') + all + sites.map(({ text }) => text).join(''),
    );
    const apache = await startApache(root, mainFile, port);
    try {
      const configuration = readApache(tree, { mainFile, environment: new Map(), defines: [] });
      expect(configuration.warnings).toEqual([]);
      const ini: SessionSettings = new Map([
        ...defaults,
        ['session.save_path', { value: '/base', source: commandLine, setBy: 0 }],
        ['session.gc_maxlifetime', { value: '1440', source: commandLine, setBy: 0 }],
      ]);
      const plain = apacheUsages(configuration, ini, {
        tree,
        labelPrefix: 'apache2',
        warnings: [],
      });
      const { overrides } = scanDocumentRoots(tree, configuration.documentRoots, {
        parseIni,
        userIniNames: [],
        apache: configuration,
      });
      const usages = overrideUsages(overrides, plain, []);
      for (const { name, host } of sites) {
        const answer = await apache.get(host, '/show.php');
        const found = usages.filter(({ label }) => label.includes(`vhost ${host}:`));
        expect(
          deepest(found).map(({ settings }) => valuesOf(settings)),
          name,
        ).toEqual([JSON.parse(String(answer))]);
      }
    } finally {
      await apache.stop();
    }
  });
});
