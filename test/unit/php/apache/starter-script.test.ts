/** Starter scripts as panels write them, and what only a shell could follow. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStarter, type StarterContext } from '../../../../lib/php/apache/starter-script.js';
import { tempDir } from '../../../support/temp-dir.js';

const context: StarterContext = {
  path: '/home/alice/fcgi-bin/php8.2.fcgi',
  arguments: [],
  environment: new Map(),
};

const read = (text: string, more: Partial<StarterContext> = {}) =>
  readStarter(text, { ...context, ...more });

const script = (...lines: string[]) => `#!/bin/sh\n${lines.join('\n')}\n`;

const facts = (text: string, more: Partial<StarterContext> = {}) =>
  read(text, more).map(({ words, environment, isSure }) => ({
    words,
    environment: Object.fromEntries(environment),
    isSure,
  }));

describe('what panels write', () => {
  it('Virtualmin: PHPRC beside the script', () => {
    const text = `#!/bin/bash
PHPRC=$PWD/../etc/php8.2
export PHPRC
umask 022
export PHP_FCGI_CHILDREN
PHP_FCGI_MAX_REQUESTS=99999
export PHP_FCGI_MAX_REQUESTS
SCRIPT_FILENAME=$PATH_TRANSLATED
export SCRIPT_FILENAME
exec /bin/php-cgi8.2
`;
    expect(facts(text)).toEqual([
      {
        words: ['/bin/php-cgi8.2'],
        environment: {
          PHPRC: '/home/alice/fcgi-bin/../etc/php8.2',
          PHP_FCGI_MAX_REQUESTS: '99999',
        },
        isSure: true,
      },
    ]);
  });

  it('Froxlor: PHPRC in both ways', () => {
    const text = `#!/bin/sh

# starter created/changed on 2026.11.20 by the Froxlor Control Panel
# Do not change anything in this file, it will be overwritten by the Froxlor Cronjob!

umask 0022
PHPRC=/var/www/php-fcgi-scripts/web1/example.com/
export PHPRC
PHP_FCGI_CHILDREN=0
export PHP_FCGI_CHILDREN
PHP_FCGI_MAX_REQUESTS=100
export PHP_FCGI_MAX_REQUESTS
exec /usr/bin/php-cgi -c \${PHPRC}
`;
    expect(facts(text)).toMatchObject([
      { words: ['/usr/bin/php-cgi', '-c', '/var/www/php-fcgi-scripts/web1/example.com/'] },
    ]);
    expect(read(text)[0]?.isSure).toBe(true);
  });

  it('ISPConfig: -d over several lines', () => {
    const text = script(
      'PHP_FCGI_CHILDREN=0',
      'export PHP_FCGI_CHILDREN',
      'PHPRC=/etc/php/8.2/cgi/',
      'export PHPRC',
      'exec /usr/bin/php-cgi \\',
      '-d open_basedir="/var/www/clients/client1/web1/web:/tmp" \\',
      '-d disable_functions="" \\',
      "-d session.save_path='/var/www/clients/client1/web1/tmp' $1",
    );
    expect(facts(text)).toEqual([
      {
        words: [
          '/usr/bin/php-cgi',
          ...['-d', 'open_basedir=/var/www/clients/client1/web1/web:/tmp'],
          ...['-d', 'disable_functions='],
          ...['-d', 'session.save_path=/var/www/clients/client1/web1/tmp'],
        ],
        environment: { PHP_FCGI_CHILDREN: '0', PHPRC: '/etc/php/8.2/cgi/' },
        isSure: true,
      },
    ]);
  });
});

describe('a starter’s variables', () => {
  it.each([
    ['export PHPRC=/a; exec php-cgi', '/a'],
    ['PHPRC=/a exec php-cgi', '/a'],
    ['exec env PHPRC=/a php-cgi', '/a'],
    ['export A="/a b" ; export PHPRC="$A/c"\nexec php-cgi', '/a b/c'],
    ["export PHPRC='/$a'\nexec php-cgi", '/$a'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own.
    ['export PHPRC=${NONE:-/a}\nexec php-cgi', '/a'],
    ['cd /srv/x\nexport PHPRC=$PWD\nexec php-cgi', '/srv/x'],
    ['export PHPRC=$(dirname "$0")/etc\nexec php-cgi', '/home/alice/fcgi-bin/etc'],
    ['export PHPRC="$(dirname $0)"\nexec nice -n 5 php-cgi', '/home/alice/fcgi-bin'],
    ['export PHPRC=`dirname $0`\nphp-cgi "$@"', '/home/alice/fcgi-bin'],
    ['# export PHPRC=/b\nexport PHPRC=/a # here\nexec php-cgi >/dev/null 2>&1', '/a'],
    ['declare -x PHPRC=/a\necho started\nexec php-cgi', '/a'],
    ['export PHPRC=\\\n/a\nexec php-cgi', '/a'],
  ])('%s', (text, phprc) => {
    expect(facts(script(text))).toMatchObject([{ environment: { PHPRC: phprc }, isSure: true }]);
  });

  it('that are not exported are not passed on', () => {
    expect(facts(script('PHPRC=/a', 'exec php-cgi'))).toMatchObject([{ environment: {} }]);
    expect(facts(script('export PHPRC=/a', 'unset PHPRC', 'exec php-cgi'))).toMatchObject([
      { environment: {} },
    ]);
  });

  it('come from what starts it too', () => {
    const environment = new Map([['PHPRC', '/a']]);
    const more = { environment, arguments: ['-d', 'x=1'] };
    expect(facts(script('exec php-cgi "$@"'), more)).toEqual([
      { words: ['php-cgi', '-d', 'x=1'], environment: { PHPRC: '/a' }, isSure: true },
    ]);
  });
});

describe('what only a shell could follow is not sure', () => {
  it.each([
    'export PHPRC=$(cat /etc/where)\nexec php-cgi',
    'export PHPRC=$SITE\nexec php-cgi',
    '. /etc/default/php\nexec php-cgi',
    'eval "$X"\nexec php-cgi',
    'exec php-cgi $ARGS',
    'exec "$PHP" php-cgi',
    'if [ -f /x ]; then export PHPRC=/a; fi\nexec php-cgi',
    '[ -f /x ] && export PHPRC=/a\nexec php-cgi',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own.
    'export PHPRC=${X#y}\nexec php-cgi',
    'case $A in\n b) PHPRC=/c;;\nesac\nexec php-cgi',
    'exec sudo -u bob php-cgi',
    'exec env -i php-cgi',
    'echo | php-cgi',
  ])('%s', (text) => {
    expect(read(script(text)).map(({ isSure }) => isSure)).toEqual([false]);
  });

  it('each of its ways is told', () => {
    const text = 'if [ -f /x ]; then\nexec php-cgi -c /a\nelse\nexec php-cgi -c /b\nfi';
    expect(read(script(text)).map(({ words }) => words[2])).toEqual(['/a', '/b']);
  });

  it('what starts no PHP starts none', () => {
    for (const text of ['exec perl x', 'exec "$X"', 'exit\nexec php-cgi', ''])
      expect(read(script(text))).toEqual([]);
    expect(read('exec php-cgi')).toEqual([]);
    expect(read('\u007fELF php-cgi')).toEqual([]);
  });
});

it('a real shell starts PHP with what was read', () => {
  const directory = tempDir();
  mkdirSync(`${directory}/bin`);
  const php = `${directory}/bin/php-cgi`;
  writeFileSync(php, '#!/bin/sh\nprintf "%s\\n" "$PHPRC" "$PHP_INI_SCAN_DIR" "$@"\n');
  chmodSync(php, 0o755);
  const path = `${directory}/starter`;
  const trials = [
    `PHPRC=$PWD/../etc\nexport PHPRC\nexec ${php}`,
    `export PHP_INI_SCAN_DIR="" PHPRC='a b'\nexec ${php} -d "a = \\"b\\"" -d c='d e' $PHPRC`,
    `A=x\nexport PHPRC=\${A}y\${A}\nexec env PHP_INI_SCAN_DIR=/s ${php} "$@"`,
    `cd /usr/../usr/share\nPHPRC=$PWD ${php} \\\n -n # -d x\n`,
    `export PHPRC=$(dirname "$0")/"q"\nexec ${php} a\\ b`,
  ];
  for (const text of trials) {
    writeFileSync(path, script(text));
    chmodSync(path, 0o755);
    const [found] = readStarter(script(text), {
      ...context,
      path,
      arguments: ['one', 'two words'],
    });
    const printed = execFileSync(path, ['one', 'two words'], { cwd: directory, encoding: 'utf8' });
    const { environment, words = [] } = found ?? {};
    const expected = [
      environment?.get('PHPRC') ?? '',
      environment?.get('PHP_INI_SCAN_DIR') ?? '',
      ...words.slice(1),
    ];
    expect(`${expected.join('\n')}\n`, text).toBe(printed);
    expect(found?.isSure, text).toBe(true);
  }
});
