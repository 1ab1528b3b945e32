// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is PHP's syntax too.
/**
 * Random php-fpm configurations on disk: several pools, their lines scattered over sections and
 * included files, with every form of value that the ini grammar has.
 *
 * Invariant: what is written is valid, but for the one line where `hasMistake` says so; the same
 * Random gives the same configuration but for the directory's name.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Random } from '../support/random.js';

export interface RandomFpm {
  readonly mainFile: string;
  /** `-p`, where it is to be given. */
  readonly prefix: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** One line is such that php-fpm refuses it all. */
  readonly hasMistake: boolean;
}

const mistakes = [
  'user = no-such-user',
  'no_such_directive = 1',
  'no_such_array[session.name] = 1',
  'php_value[] = 1',
  'php_admin_flag[session.use_cookies] = 7',
  'clear_env = 7',
  'env[TMPDIR] = ""',
  'chroot = /no/such/place',
  'chdir = /no/such/place',
  'php_value[session.name] = "no end',
  ' [leading-blank]',
  '[no-end',
] as const;

const poolNames = ['www', 'Shop', 'shop-2', 'a b', 'x.y_z', 'über', 'global2', 'w', '0', 'p:1'];
const users = ['www-data', 'nobody', 'daemon', '33', '1234', '"www-data"'];
const settings = [
  'session.save_handler',
  'session.save_path',
  'session.gc_maxlifetime',
  'session.gc_probability',
  'session.gc_divisor',
  'sys_temp_dir',
  'session.name',
] as const;

export function writeRandomFpm(random: Random, directory: string): RandomFpm {
  for (const name of ['pre/etc/d', 'pre/jail/sub', 'jail', 'inc/sub', 'one'])
    mkdirSync(path.join(directory, name), { recursive: true });
  const prefix = random.integer(0, 2) === 0 ? path.join(directory, 'pre') : null;
  const chunks = shuffled(random, pools(random, directory, prefix !== null).flat());
  const hasMistake = random.integer(0, 7) === 0;
  const broken = ['[broken]', 'user = nobody', `listen = ${directory}/broken.sock`, 'pm = static'];
  if (hasMistake) chunks.push([...broken, 'pm.max_children = 1', random.pick(mistakes)]);
  const main = ['[global]', `error_log = ${directory}/log`];
  const files = new Map<string, string[]>([[path.join(directory, 'main.conf'), main]]);
  const included = [
    { include: `${directory}/inc/*.conf`, names: ['inc/b.conf', 'inc/A.conf', 'inc/a-1.conf'] },
    { include: `"${directory}/inc/s?b/[a-c]*"`, names: ['inc/sub/a', 'inc/sub/b.conf'] },
    { include: `${directory}/*/only.conf ; a comment`, names: ['one/only.conf'] },
    ...(prefix === null ? [] : [{ include: 'etc/d/*.conf', names: ['pre/etc/d/z.conf'] }]),
  ].filter(() => random.integer(0, 2) > 0);
  const targets: [string[], ...string[][]] = [main];
  for (const { include, names } of included) {
    // What stands before the include goes to main first, and its last section goes on inside.
    const host = random.pick(targets.slice(0, 3) as [string[], ...string[][]]);
    host.push(...chunks.splice(0, random.integer(0, 2)).flat(), `include = ${include}`);
    for (const name of names) {
      const lines: string[] = [];
      files.set(path.join(directory, name), lines);
      targets.push(lines);
    }
  }
  for (const chunk of chunks) random.pick(targets).push(...chunk);
  for (const [file, lines] of files) {
    const end = random.pick(['\n', '\n', '\n', '\r\n']);
    writeFileSync(file, lines.join(end) + random.pick(['', end]));
  }
  return {
    mainFile: path.join(directory, 'main.conf'),
    prefix,
    hasMistake,
    environment: { WHERE: '/from env/x', TMPDIR: '/master/tmp', EMPTY: '' },
  };
}

/** Each pool as chunks of lines, each with its section. */
function pools(random: Random, directory: string, hasPrefix: boolean): string[][][] {
  const names = shuffled(random, poolNames).slice(0, random.integer(1, 4));
  return names.map((name, index) => {
    const lines = [
      `user = ${random.pick(users as [string, ...string[]])}`,
      `${random.pick(['listen', 'Listen', 'LISTEN'])} = ${directory}/${index}.sock`,
      'pm = static',
      'pm.max_children = 1',
      ...poolOptions(random, directory, hasPrefix),
      ...Array.from({ length: random.integer(0, 8) }, () => value(random)),
    ];
    const order = shuffled(random, lines);
    const chunks: string[][] = [];
    while (order.length > 0 || chunks.length === 0) {
      chunks.push([section(random, name), ...order.splice(0, random.integer(2, 12))]);
    }
    return chunks;
  });
}

function section(random: Random, name: string): string {
  const spelled = random.integer(0, 3) === 0 ? name.toUpperCase().replace('Ü', 'ü') : name;
  return random.pick([`[${spelled}]`, `[${spelled}]  ; comment`, `["${spelled}"]`]);
}

function poolOptions(random: Random, directory: string, hasPrefix: boolean): string[] {
  const prefix = random.pick(['', '', `${directory}/pre`, hasPrefix ? 'jail' : '']);
  const below = prefix === `${directory}/pre` || (prefix === '' && hasPrefix);
  const chroot = random.pick(['', `${directory}/jail`, '/', below ? 'jail' : '', '$prefix']);
  const options = [
    prefix === '' ? '' : `prefix = ${prefix}`,
    chroot === '' || (chroot === '$prefix' && !below) ? '' : `chroot = ${chroot}`,
    chroot === '' ? random.pick(['', 'chdir = /', `chdir = ${directory}/jail`]) : '',
    random.pick(['', 'group = www-data', 'group = "nogroup"', 'group = 12']),
    random.pick(['', 'clear_env = no', 'clear_env = yes', 'clear_env = off', 'CLEAR_ENV = On']),
    random.pick(['', '; nothing', 'access.suppress_path[] = /ping', 'catch_workers_output = yes']),
    ...Array.from({ length: random.integer(0, 2) }, () => `env[TMPDIR] = ${temporary(random)}`),
    random.pick(['', 'env[PATH] = /bin', "env['TMP'] = /tmp"]),
  ];
  return options.filter((line) => line !== '');
}

function temporary(random: Random): string {
  return random.pick(['/tmp/$pool', '$WHERE', '$NOSUCH', '"${TMPDIR}/x"', '/t ; c', "'/a b'"]);
}

function value(random: Random): string {
  const key = random.pick(settings);
  const offset = random.pick([key, key, key, `"${key}"`, `'${key}'`]);
  if (random.integer(0, 4) === 0) {
    const flag = random.pick(['on', 'off', 'yes', 'No', 'true', 'FALSE', '1', '', '"1"', 'none']);
    return `${random.pick(['php_flag', 'php_admin_flag'])}[${offset}] = ${flag}`;
  }
  const array = random.pick(['php_value', 'php_value', 'php_admin_value']);
  const equals = random.pick([' = ', '=', '\t=  ']);
  return `${array}[${offset}]${equals}${anyValue(random)}`;
}

function anyValue(random: Random): string {
  const word = random.text('abcXYZ019/._-', random.integer(1, 12));
  return random.pick([
    word,
    `${word} ; comment`,
    `${word} ${word} `,
    `"2;0600;/srv/${word}"`,
    `2;/${word}`,
    `/srv/$pool/${word}`,
    `"/srv/$pool$pool/${word}"`,
    `'single;$pool "${word}"'`,
    `"say \\"${word}\\" \\\\ \\x"`,
    '${WHERE}',
    `/a/\${WHERE}/${word}`,
    '"${session.gc_maxlifetime}0"',
    '${NOSUCH}',
    '${EMPTY}',
    'E_ALL',
    'E_ALL & ~E_NOTICE',
    'E_USER_ERROR|1',
    '5^1',
    '!1',
    '(1|2)',
    'On',
    'off',
    'none',
    'null',
    '',
    '""',
    String(random.integer(-5, 99_999)),
    '1K',
    '0x10',
    'PHP_VERSION_ID_',
    'é/ü',
    `a${word}'b'"c"`,
    'redis',
  ]);
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.integer(0, rest.length - 1), 1)[0] as T);
}
