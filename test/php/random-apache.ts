/**
 * Random Apache configurations: virtual hosts, sections, variables, macros, includes, .htaccess files,
 * written below one directory.
 *
 * Invariant: Apache starts with every one of them, and the same seed writes the same files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Random } from '../support/random.js';

export interface RandomApache {
  readonly mainFile: string;
  readonly defines: readonly string[];
  /** The lines that are given by -C and -c. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What to ask for: every script of every host. */
  readonly requests: readonly {
    readonly host: string;
    readonly file: string;
    readonly url: string;
  }[];
}

const directories = ['', 'a', 'a/b', 'a/b/c', 'd', 'd/e'] as const;
const scripts = ['any.php', 'p.php', 'q.php'] as const;
const hostCount = 5;

const page = `<?php
$values = [];
foreach (['session.save_handler', 'session.save_path', 'session.gc_maxlifetime',
          'session.gc_probability', 'session.gc_divisor', 'sys_temp_dir'] as $name) {
    $values[$name] = 'x' . bin2hex(ini_get($name));
}
echo json_encode($values);
`;

/** Parameters that are quoted, that begin like another, that are other macros' arguments. */
const macros = [
  '<Macro Set $name @value>',
  '  php_value $name @value',
  '  # $name',
  '</Macro>',
  '<macro InDirectory $path %n %n2>',
  '<Directory "$path">',
  'Use set session.gc_maxlifetime %n2%n',
  `php_value session.save_path /m/%n2/\${BASE}$path`,
  '</Directory>',
  '</MACRO>',
  '<Macro Outer>',
  '<Macro Inner $a>',
  'php_value session.gc_divisor \\',
  '  $a',
  '</Macro>',
  'Use Inner 12',
  '</Macro>',
].join('\n');

/** @param preamble what every configuration here begins with */
export function randomApache(random: Random, root: string, preamble: string): RandomApache {
  const writer = new Writer(random, root);
  const requests: RandomApache['requests'][number][] = [];
  const hosts: string[] = [];
  for (let index = 0; index < hostCount; index++) {
    const name = `h${index}.example`;
    const documentRoot = path.join(root, 'www', `h${index}`);
    const shared = path.join(root, 'shared', `h${index}`);
    for (const [base, prefix] of [
      [documentRoot, '/'],
      [shared, '/alias'],
    ] as const) {
      for (const directory of directories) {
        const here = path.join(base, directory);
        mkdirSync(here, { recursive: true });
        for (const script of scripts) {
          writeFileSync(path.join(here, script), page);
          const url = path.join(prefix, directory, script);
          requests.push({ host: name, file: path.join(here, script), url });
        }
        if (random.fraction() < 0.3)
          writeFileSync(path.join(here, '.htaccess'), `${writer.accessFile()}\n`, 'latin1');
      }
    }
    hosts.push(writer.host(name, documentRoot, shared));
  }
  const main = [
    preamble,
    'Define BASE /srv/one',
    'Define Spaced "two words"',
    macros,
    '<Directory />\nAllowOverride None\n</Directory>',
    writer.lines(random.integer(0, 3)),
    writer.sections(path.join(root, 'www'), random.integer(2, 6)),
    writer.included(writer.sections(path.join(root, 'www'), 2)),
    'Define BASE /srv/two',
    ...hosts,
    'UnDefine Spaced',
  ].join('\n');
  const mainFile = path.join(root, 'main.conf');
  writeFileSync(mainFile, main, 'latin1');
  const after = [
    `<Directory ${path.join(root, 'www')}>`,
    `php_value session.gc_maxlifetime ${random.integer(1, 9)}`,
    '</Directory>',
    `Use Set session.gc_divisor ${random.integer(1, 9)}`,
  ];
  return { mainFile, defines: ['FLAG'], before: ['Define GIVEN /given'], after, requests };
}

class Writer {
  readonly #random: Random;
  readonly #root: string;
  #files = 0;
  #ifs = 0;

  constructor(random: Random, root: string) {
    this.#random = random;
    this.#root = root;
  }

  host(name: string, documentRoot: string, shared: string): string {
    const body = [
      `ServerName ${name}`,
      `DocumentRoot ${documentRoot}`,
      `Alias /alias "${shared}"`,
      this.sections(shared, 2),
      this.lines(this.#random.integer(0, 3)),
      this.sections(documentRoot, this.#random.integer(2, 7)),
      this.#override(documentRoot),
    ].join('\n');
    return `<VirtualHost *:*>\n${this.#random.fraction() < 0.4 ? this.included(body) : body}\n</VirtualHost>`;
  }

  /** Moves text to a file of its own. */
  included(text: string): string {
    const index = this.#files++;
    const name = `part-${index}`;
    const directory = path.join(this.#root, 'parts', String(index));
    mkdirSync(directory, { recursive: true });
    // mod_macro loses a last line without an end.
    writeFileSync(path.join(directory, `${name}.conf`), `${text}\n`, 'latin1');
    return this.#random.pick([
      `Include parts/${index}/${name}.conf`,
      `IncludeOptional parts/${index}/*.conf`,
      `Include "${this.#root}/parts/${index}"`,
      `Include parts/[${index % 10}]${String(index).slice(1)}/part-*.conf`,
      `IncludeOptional nothing/*.conf\nInclude parts/${index}/./part-?${index > 9 ? '?' : ''}.conf`,
    ]);
  }

  sections(documentRoot: string, count: number): string {
    return Array.from({ length: count }, () => this.#section(documentRoot)).join('\n');
  }

  #section(documentRoot: string): string {
    const random = this.#random;
    const directory = random.pick(directories);
    const url = path.join('/', directory);
    const count = random.integer(1, 3);
    const files = (): string =>
      random.fraction() < 0.2 ? `<Files ${this.#fileNames()}>\n${this.lines(1)}\n</Files>` : '';
    switch (random.integer(0, 14)) {
      case 0:
      case 1:
      case 2:
        return `<Directory "${path.join(documentRoot, directory)}${random.pick(['', '/', '//', '/./'])}">\n${this.lines(count)}\n${files()}\n</Directory>`;
      case 3:
        return `<Directory ${path.join(documentRoot, random.pick(['*', 'a/*', '*/[a-c]', '?', '*/*/*']))}>\n${this.lines(count)}\n</Directory>`;
      case 4:
        return `<DirectoryMatch "${random.pick(['/h[0-2]/', '/a/b$', '/[pq][.]php$', '^/nowhere', 'a/?b'])}">\n${this.lines(count)}\n</DirectoryMatch>`;
      case 5:
      case 6:
        return `<Location ${url}${random.pick(['', '/', '/p.php'])}>\n${this.lines(count)}\n</Location>`;
      case 7:
        return random.pick([
          `<LocationMatch "${random.pick(['^/a', 'q[.]php$', '^/$'])}">\n${this.lines(count)}\n</LocationMatch>`,
          `<Location ~ "/(b|e)/">\n${this.lines(count)}\n</Location>`,
          `<Location "/*/p.php">\n${this.lines(count)}\n</Location>`,
        ]);
      case 8:
        return `<Files ${this.#fileNames()}>\n${this.lines(count)}\n</Files>`;
      case 9:
        return this.#if(path.join(documentRoot, directory));
      case 11:
        return `Use InDirectory ${path.join(documentRoot, directory)} ${random.integer(1, 9)} ${random.integer(1, 9)}`;
      case 12:
        return `<Files ${this.#fileNames()}>\n${this.#use()}\n</Files>`;
      case 10:
        return this.#override(path.join(documentRoot, directory));
      default:
        return this.#condition(this.lines(count));
    }
  }

  #use(): string {
    const value = this.#random.pick([
      '/srv/u',
      '"two words"',
      `'q"q\\'`,
      `\${base}/x`,
      '@value',
      '$name',
    ]);
    return this.#random.pick([
      `Use Set session.save_path ${value}`,
      'USE outer',
      `Define LINE "php_value session.gc_divisor 99"\nUse Set session.save_handler "\${LINE}"`,
    ]);
  }

  #fileNames(): string {
    return this.#random.pick(['p.php', '"q.php"', '*.php', '~ "^[ap]"', '[pq].*', 'other']);
  }

  #override(directory: string): string {
    const what = this.#random.pick([
      'All',
      'Options',
      'None',
      'All',
      'AuthConfig Options=Indexes',
      'AuthConfig',
    ]);
    return `<Directory ${directory}>\nAllowOverride ${what}\n${this.lines(this.#random.integer(0, 1))}\n</Directory>`;
  }

  /** True only where the request says so in its query. */
  #if(directory: string): string {
    const text = `<If "%{QUERY_STRING} == 'if${this.#ifs++}'">\n${this.lines(2)}\n</If>`;
    return this.#random.fraction() < 0.5 ? text : `<Directory ${directory}>\n${text}\n</Directory>`;
  }

  #condition(text: string): string {
    const condition = this.#random.pick([
      'IfDefine FLAG',
      'IfDefine !FLAG',
      'IfDefine BASE',
      'IfDefine base',
      'IfModule mod_php.c',
      'IfModule php_module',
      'IfModule !mod_php7.c',
      'IfModule mod_php7.c',
      'IfModule mod_alias.c',
      'IfModule !alias_module',
      'IfModule mod_rewrite.c',
      'IfModule !mod_rewrite.c',
      'IfVersion >= 2.4',
      'IfVersion < 2.4',
      'IfFile main.conf',
    ]);
    const [name = ''] = condition.split(' ');
    return `<${condition}>\n${text}\n</${name}>`;
  }

  accessFile(): string {
    const random = this.#random;
    const parts = [this.lines(random.integer(1, 3), false)];
    if (random.fraction() < 0.4)
      parts.push(`<Files ${this.#fileNames()}>\n${this.lines(1, false)}\n</Files>`);
    if (random.fraction() < 0.2)
      parts.push('<Macro Here $v>\nphp_value session.gc_divisor $v\n</Macro>\nUse Here 77');
    if (random.fraction() < 0.3)
      parts.push(
        `<IfModule ${random.pick(['mod_php.c', 'mod_php7.c', '!mod_php5.c'])}>\n${this.lines(1, false)}\n</IfModule>`,
      );
    return parts.join('\n');
  }

  lines(count: number, mayAdmin = true): string {
    return Array.from({ length: count }, () => this.#line(mayAdmin)).join('\n');
  }

  #line(mayAdmin: boolean): string {
    const random = this.#random;
    const admin = mayAdmin && random.fraction() < 0.35 ? 'admin_' : '';
    const word = random.pick(['php_', 'php_', 'PHP_']);
    if (random.fraction() < 0.12)
      return `${word}${admin}flag session.gc_probability ${random.pick(['on', 'Off', '1', 'yes', '0'])}`;
    const continued = random.fraction() < 0.15 ? ' \\\n  ' : ' ';
    const [name, value] = this.#setting(mayAdmin);
    return `${random.pick(['', '  ', '\t'])}${word}${admin}value${continued}${name} ${value}${random.pick(['', '  ', '\r'])}`;
  }

  #setting(mayUseVariables: boolean): [string, string] {
    const random = this.#random;
    const number = random.integer(1, 100_000);
    switch (random.integer(0, 5)) {
      case 0:
        return [
          'session.gc_maxlifetime',
          random.pick([`${number}`, '-1', '0x10', '1K', 'none', '" 5"']),
        ];
      case 1:
        return ['session.gc_divisor', random.pick([`${number}`, '"0"', 'x'])];
      case 2:
        return ['sys_temp_dir', `/tmp/t${number}`];
      case 3:
        return ['session.save_handler', random.pick(['files', 'redis', 'nOne', "'mem cached'"])];
      default: {
        const plain = [
          `/srv/s${number}`,
          `"2;/srv/s ${number}"`,
          `'3;0600;/srv/\\'${number}\\\\x'`,
          `/srv/a\\\\b\\c${number}`,
          `"/srv/\\"${number}\\"/#x"`,
          'none',
          `/srv/\xe4${number}`,
        ] as const;
        const variables = [
          `\${BASE}/${number}`,
          `"\${base}/\${Spaced}/${number}"`,
          `/srv/\${NOT_DEFINED}/$x/${number}`,
          `\${GIVEN}/${number}`,
        ] as const;
        const choices: [string, ...string[]] = [...plain];
        if (mayUseVariables) choices.push(...variables);
        return ['session.save_path', random.pick(choices)];
      }
    }
  }
}
