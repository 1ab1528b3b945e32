/** OpenLiteSpeed's configuration, as its packages and panels write it. */
import { chownSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOpenLiteSpeed } from '../../../../lib/php/litespeed/read-openlitespeed.js';
import { discoverStores } from '../../../../lib/stores/discover.js';
import type { Store } from '../../../../lib/stores/store.js';
import { type Files, isRoot, treeOf, writeTree } from '../trees.js';

const lsws = '/usr/local/lsws';

const main = (...lines: string[]): Files => ({
  [`${lsws}/conf/httpd_config.conf`]: [
    'serverName                       ',
    'user                             nobody',
    '#comment {',
    'errorlog $SERVER_ROOT/logs/error.log {',
    '  logLevel             DEBUG',
    '}',
    'tuning{',
    '    maxConnections               2000 ',
    '}',
    ...lines,
    '',
  ].join('\n'),
});

const host = (...more: string[]): Files => ({
  ...main(
    'virtualHost Example{',
    '    vhRoot                   Example/',
    '    allowSymbolLink          1 ',
    '    configFile               conf/vhosts/Example/vhconf.conf',
    '}',
    'listener Default{',
    '    map                      Example *',
    '}',
  ),
  [`${lsws}/conf/vhosts/Example/vhconf.conf`]: [
    'docRoot                   $VH_ROOT/html/',
    'context /docs/{',
    '  allowBrowse 1',
    '  location $SERVER_ROOT/docs/',
    '}',
    'context /below/ {',
    '  location below/',
    '}',
    'realm SampleProtectedArea {',
    '  userDB {',
    '    location $SERVER_ROOT/conf/vhosts/Example/htpasswd',
    '  }',
    '}',
    ...more,
    '',
  ].join('\n'),
});

const read = (files: Files) => {
  const { roots, overrides, applications, warnings } = readOpenLiteSpeed(treeOf(files), lsws);
  return {
    roots: roots.map(({ path }) => path),
    overrides: overrides.map((one) => ({
      host: one.host,
      settings: Object.fromEntries([...one.settings].map(([name, { value }]) => [name, value])),
      fixed: [...one.fixed],
    })),
    applications: applications.map(({ command, environment, user }) => ({
      command,
      environment: Object.fromEntries(environment),
      user: user?.text ?? null,
    })),
    lost: warnings.filter(({ hides }) => hides != null).map(({ message }) => message),
  };
};

const exampleRoots = ['Example/html', 'docs', 'Example/html/below'].map(
  (path) => `${lsws}/${path}`,
);

describe('OpenLiteSpeed', () => {
  it('serves its virtual hosts’ document roots and contexts', () => {
    expect(read(host())).toEqual({
      roots: exampleRoots,
      overrides: [],
      applications: [],
      lost: [],
    });
  });

  it('overrides php.ini, in a host and in a context', () => {
    const { overrides } = read(
      host(
        'phpIniOverride{',
        '  php_value session.gc_maxlifetime 86400',
        '  php_admin_value session.save_path "/home/a b/sessions"',
        '  php_admin_flag session.gc_probability off',
        '  php_value memory_limit 1G',
        '}',
        'context /x/ {',
        '  location x/',
        '  phpIniOverride  {',
        '    php_value "session.gc_maxlifetime" "43200"',
        '  }',
        '  phpIniOverride  {',
        '',
        '  }',
        '}',
      ),
    );
    expect(overrides).toEqual([
      {
        host: 'Example',
        settings: {
          'session.gc_maxlifetime': '86400',
          'session.save_path': '/home/a b/sessions',
          'session.gc_probability': '0',
        },
        fixed: ['session.save_path', 'session.gc_probability'],
      },
      { host: 'Example', settings: { 'session.gc_maxlifetime': '43200' }, fixed: [] },
    ]);
  });

  it('has hosts by templates', () => {
    const files = {
      ...main(
        'vhTemplate central {',
        '  templateFile             $SERVER_ROOT/conf/templates/ccl.conf',
        '  listeners                Default',
        '  member one {',
        '    vhDomain               one.example',
        '  }',
        '  member two {',
        '    vhRoot                 /home/two',
        '  }',
        '}',
      ),
      [`${lsws}/conf/templates/ccl.conf`]:
        'vhRoot /srv/$VH_NAME/\nvirtualHostConfig {\n  docRoot $VH_ROOT/web/\n  extProcessor $VH_NAME_lsphp{\n    type lsapi\n    path $SERVER_ROOT/lsphp82/bin/lsphp -c /srv/php.ini\n    env PHPRC=$VH_ROOT/etc\n    env X\n    extUser two\n  }\n}\n',
    };
    expect(read(files)).toMatchObject({
      roots: ['/srv/one/web', '/home/two/web'],
      applications: [
        {
          command: [`${lsws}/lsphp82/bin/lsphp`, '-c', '/srv/php.ini'],
          environment: { PHPRC: '/srv/one/etc' },
          user: 'two',
        },
        { environment: { PHPRC: '/home/two/etc' } },
      ],
      lost: [],
    });
  });

  it('takes texts of several lines, and includes', () => {
    const files = {
      ...host(
        'context / {',
        '  location $DOC_ROOT',
        '  extraHeaders            <<<END_extraHeaders',
        'set X {',
        'phpIniOverride {',
        '  END_extraHeaders',
        '}',
        'include conf/more/*.conf',
        'include conf/none/*.conf',
      ),
      [`${lsws}/conf/more/a.conf`]:
        'phpIniOverride {\nphp_value session.gc_maxlifetime \\\n 5\n}\n',
    };
    expect(read(files)).toMatchObject({
      overrides: [{ settings: { 'session.gc_maxlifetime': '5' } }],
      lost: [],
    });
  });

  it('says what was lost', () => {
    const lostOf = (...lines: string[]) => read(host(...lines)).lost;
    expect(lostOf('phpIniOverride {')).toEqual(['a block is not closed: was it cut short?']);
    expect(lostOf('<X')).toEqual(['is not understood']);
    expect(lostOf('}')).toEqual(['a closing brace has no opening brace']);
    expect(lostOf('x <<<END', 'y')).toEqual(['ends within a text: was it cut short?']);
    expect(lostOf('include conf/gone.conf')).toEqual([
      `${lsws}/conf/gone.conf cannot be read: ENOENT`,
    ]);
    expect(lostOf('context /x/ {', 'location $UNKNOWN/x', '}')).toEqual([
      expect.stringContaining(' is unknown, and so are the .user.ini files there'),
    ]);
    const gone = main('virtualhost a {', 'configFile conf/gone.conf', '}');
    expect(read(gone).lost).toEqual([`${lsws}/conf/gone.conf cannot be read: ENOENT`]);
  });

  it('ends, whatever it includes', () => {
    const loop = { [`${lsws}/conf/loop.conf`]: 'include conf/loop.conf\n' };
    const { lost } = read({ ...host('include conf/loop.conf'), ...loop });
    expect(lost).toEqual(['too many files: not read']);
  });
});

describe('lsphp behind OpenLiteSpeed', () => {
  const lsphp: Files = {
    '/etc/passwd': 'nobody:x:65534:65534::/:\n',
    [`${lsws}/bin/openlitespeed`]: '',
    [`${lsws}/lsphp82/bin/lsphp`]: '',
    [`${lsws}/lsphp82/etc/php/8.2/litespeed/php.ini`]: 'session.save_path = /srv/s\n',
    '/srv/s': null,
  };
  const storesOf = async (files: Files): Promise<readonly Store[]> => {
    const root = writeTree({ ...lsphp, ...files });
    const { stores } = await discoverStores({ root: Buffer.from(root) });
    return stores.filter(({ path }) => path === `${root}/srv/s`);
  };
  const lifetimesOf = async (files: Files) =>
    (await storesOf(files)).map(({ doubt, maxLifetime }) => (doubt === null ? maxLifetime : null));

  it('has the lifetimes that its virtual hosts override', async () => {
    expect(await lifetimesOf(host())).toEqual([1440]);
    const longer = ['phpIniOverride {', 'php_admin_value session.gc_maxlifetime 86400', '}'];
    expect(await lifetimesOf(host(...longer))).toEqual([86_400]);
    const [store] = await storesOf(host(...longer));
    expect(store?.usedBy).toEqual([
      'lsphp82-litespeed',
      'lsphp82-litespeed by phpIniOverride of Example',
    ]);
  });

  it('has those of the php.ini that its external application names', async () => {
    const files = {
      ...host(
        'extprocessor own {',
        'type lsapi',
        `path ${lsws}/lsphp82/bin/lsphp`,
        'env PHPRC=/srv/etc',
        '}',
      ),
      '/srv/etc/php.ini': 'session.save_path = /srv/s\nsession.gc_maxlifetime = 86400\n',
    };
    expect(await lifetimesOf(files)).toEqual([86_400]);
  });

  it('keeps its sessions where a part of the configuration is lost, or is XML', async () => {
    expect(await lifetimesOf(host('include conf/gone.conf'))).toEqual([null]);
    expect(await lifetimesOf({ ...host(), [`${lsws}/conf/httpd_config.xml`]: '<a/>' })).toEqual([
      null,
    ]);
    expect(await lifetimesOf({})).toEqual([null]);
  });

  it.runIf(isRoot)(
    'may have its lifetimes, and no directory, from LiteSpeed’s own user',
    async () => {
      const overrideOf = async (line: string) => {
        const files = host('phpIniOverride {', line, '}');
        const root = writeTree({ ...lsphp, ...files, '/srv/own': null });
        chownSync(`${root}${lsws}/conf/vhosts/Example/vhconf.conf`, 994, 994);
        const { stores } = await discoverStores({ root: Buffer.from(root) });
        return stores.map(({ path, collectable, doubt, maxLifetime }) => [
          path.slice(root.length),
          collectable && doubt === null ? maxLifetime : null,
        ]);
      };
      expect(await overrideOf('php_value session.gc_maxlifetime 86400')).toEqual([
        ['/srv/s', 86_400],
      ]);
      expect(await overrideOf('php_value session.gc_maxlifetime 60')).toEqual([['/srv/s', 1440]]);
      expect(await overrideOf('php_value session.save_path /srv/own')).toEqual([
        ['/srv/s', 1440],
        ['/srv/own', null],
      ]);
    },
  );

  it('reads a .user.ini below a document root that one host has to itself', async () => {
    const files = {
      ...host('phpIniOverride {', 'php_value session.save_path /srv/own', '}'),
      '/srv/own': null,
      [`${lsws}/Example/html/.user.ini`]: 'session.gc_maxlifetime = 86400\n',
    };
    const root = writeTree({ ...lsphp, ...files });
    const { stores } = await discoverStores({ root: Buffer.from(root) });
    const own = stores.find(({ path }) => path === `${root}/srv/own`);
    expect(own).toMatchObject({ doubt: null, maxLifetime: 86_400 });
  });
});
