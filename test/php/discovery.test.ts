/**
 * Discovery and sweep on a machine where PHP really runs: FPM, Apache, a private /tmp, users who
 * mean harm, applications that tell nobody.
 *
 * Invariant: only stores in directories of the tests' own are swept for good.
 */
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { discoverStores, sweep } from '../../lib/index.js';
import { freePort, phpModule, preamble, startApache } from '../support/apache.js';
import { runCli } from '../support/cli.js';
import { alphabetByBits, makeDepthTree } from '../support/depth-tree.js';
import {
  age,
  makeDirectory,
  storeAt,
  storesBelow,
  targetsOf,
  uidOf,
} from '../support/discovered.js';
import { runByFastCgi } from '../support/fastcgi.js';
import { findPhpFpm, startPhpFpm } from '../support/php-fpm.js';
import { fpmConfiguration, sessionPage } from '../support/pool-config.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { canUnshare } from '../support/unshare.js';

const isRoot = process.getuid?.() === 0;
const hasPhp = requireTool('php');
const phpFpm = findPhpFpm() ?? '';
const library = phpModule() ?? '';
const canRunServices = isRoot && phpFpm !== '' && library !== '';

const sharedDefault = '/var/lib/php/sessions';
const sessionclean = '/usr/lib/php/sessionclean';

describe.skipIf(!canRunServices)('on a machine with FPM and Apache running', () => {
  it('every pool’s and every vhost’s store is found with its values, and swept by its own lifetime', async () => {
    const directory = tempDir();
    const www = uidOf('www-data');
    const config = path.join(directory, 'fpm.conf');
    const [shop, deep, one, two] = ['shop', 'deep', 'one', 'two'].map((name) =>
      makeDirectory(path.join(directory, name), www),
    ) as [string, string, string, string];
    for (const leaf of makeDepthTree(deep, 2, alphabetByBits[4])) chownUpTo(deep, leaf, www);
    const page = path.join(directory, 'html', 'page.php');
    mkdirSync(path.dirname(page));
    writeFileSync(page, sessionPage);
    writeFileSync(
      config,
      fpmConfiguration(directory, [
        {
          name: 'shop',
          user: 'www-data',
          lines: [
            `php_admin_value[session.save_path] = ${shop}`,
            'php_value[session.gc_maxlifetime] = 86400',
          ],
        },
        {
          name: 'deep',
          user: 'www-data',
          lines: [`php_admin_value[session.save_path] = "2;0600;${deep}"`],
        },
        { name: 'shared', user: 'www-data' },
      ]),
    );
    writeFileSync(path.join(directory, 'php.ini'), '');
    const port = await freePort();
    const httpd = path.join(directory, 'httpd.conf');
    const vhost = (name: string, store: string, seconds: number) => [
      '<VirtualHost *>',
      `ServerName ${name}.test`,
      `DocumentRoot ${path.dirname(page)}`,
      `php_admin_value session.save_path ${store}`,
      `php_value session.gc_maxlifetime ${seconds}`,
      // Were the page to collect, it would remove what the sweep is to remove.
      'php_value session.gc_divisor 1',
      '</VirtualHost>',
    ];
    writeFileSync(
      httpd,
      [
        preamble(directory, port, library),
        ...vhost('one', one, 300),
        '<IfDefine TWO>',
        ...vhost('two', two, 7200),
        '</IfDefine>',
      ].join('\n'),
    );
    await startPhpFpm(phpFpm, config);
    const apache = await startApache(directory, httpd, port, ['-DTWO']);
    onTestFinished(() => apache.stop());

    const startMs = performance.now();
    const discovery = await discoverStores();
    console.info(`found with all running: ${Math.round(performance.now() - startMs)} ms`);

    const line = (file: string, text: string) =>
      `${file}:${readFileSync(file, 'utf8').split('\n').indexOf(text) + 1}`;
    expect(storeAt(discovery, shop)).toMatchObject({
      depth: 0,
      maxLifetime: 86_400,
      user: 'www-data',
      usedBy: ['php8.2-fpm pool shop'],
      collectable: true,
      settings: {
        'session.save_path': {
          value: shop,
          source: line(config, `php_admin_value[session.save_path] = ${shop}`),
        },
        'session.gc_maxlifetime': {
          source: line(config, 'php_value[session.gc_maxlifetime] = 86400'),
        },
      },
    });
    expect(storeAt(discovery, deep)).toMatchObject({
      id: `2;0600;${deep}`,
      depth: 2,
      maxLifetime: 1440,
      usedBy: ['php8.2-fpm pool deep'],
      collectable: true,
      settings: {
        'session.gc_maxlifetime': {
          source: expect.stringMatching(/^\/etc\/php\/8\.2\/fpm\/php\.ini:\d+$/),
        },
      },
    });
    const shared = storeAt(discovery, sharedDefault);
    expect(shared).toMatchObject({ maxLifetime: 1440, collectable: true });
    expect(shared.usedBy).toContain('php8.2-fpm pool shared');
    for (const [store, name, maxLifetime] of [
      [one, 'one', 300],
      [two, 'two', 7200],
    ] as const) {
      expect(storeAt(discovery, store)).toMatchObject({
        maxLifetime,
        collectable: true,
        usedBy: [expect.stringContaining(name)],
        settings: {
          'session.save_path': {
            source: line(httpd, `php_admin_value session.save_path ${store}`),
          },
          'session.gc_maxlifetime': {
            source: line(httpd, `php_value session.gc_maxlifetime ${maxLifetime}`),
          },
        },
      });
    }

    const suffix = String(process.pid);
    const lifetimes = [
      [shop, 86_400, (id: string) => overFastCgi('shop', id)],
      [path.join(deep, 'a', 'b'), 1440, (id: string) => overFastCgi('deep', id)],
      [sharedDefault, 1440, (id: string) => overFastCgi('shared', id)],
      [one, 300, (id: string) => apache.get('one.test', `/page.php?${id}`)],
      [two, 7200, (id: string) => apache.get('two.test', `/page.php?${id}`)],
    ] as const;
    async function overFastCgi(pool: string, id: string): Promise<string> {
      const socket = path.join(directory, `${pool}.sock`);
      return (await runByFastCgi(socket, page, { QUERY_STRING: id })).body;
    }
    const expired: string[] = [];
    const live: string[] = [];
    for (const [where, seconds, write] of lifetimes) {
      for (const [kind, files, seconds_] of [
        ['old', expired, seconds + 5],
        ['new', live, seconds - 200],
      ] as const) {
        const id = `ab${kind}${suffix}`;
        expect(await write(id)).toBe('written');
        const file = path.join(where, `sess_${id}`);
        onTestFinished(() => rmSync(file, { force: true }));
        age(file, seconds_);
        files.push(file);
      }
    }
    if (existsSync(sessionclean) && canUnshare()) {
      const lookedAt = lookedAtBySessionclean().filter((file) => file.includes(suffix));
      const missed = expired.filter((file) => !lookedAt.includes(file));
      console.info(
        `Debian's sessionclean looks at ${expired.length - missed.length} of ${expired.length} expired sessions; never at`,
        missed.map((file) => file.replace(directory, '…')),
      );
      expect(missed).toEqual(expired.filter((file) => !file.startsWith(sharedDefault)));
    }

    const own = storesBelow(discovery, directory);
    expect(own).toHaveLength(4);
    // What else the machine has is not the test's to sweep. The lifetimes are found out all the same.
    const end = await runCli(['sweep', '--json', ...own.map(({ id }) => id)]);
    expect(end.status, end.stderr).toBe(0);
    const report = JSON.parse(end.text);
    expect(report.totals, end.text).toMatchObject({ scanned: 8, removed: 4, live: 4 });
    expect(report).toMatchObject({ complete: true, unusable: [] });
    const ofMachine: string[] = [];
    do {
      ofMachine.length = 0;
      await sweep(targetsOf([shared]), {
        dryRun: true,
        listVerdicts: ['would_remove', 'in_use'],
        onVerdict: (verdict, file) => {
          if (String(file).includes(suffix)) ofMachine.push(`${verdict} ${file}`);
        },
      });
      // A sweep by somebody else locks it for a moment.
    } while (ofMachine.some((line) => line.startsWith('in_use')));
    const [goneThere, liveThere] = [expired, live].map((files) =>
      files.find((file) => file.startsWith(sharedDefault)),
    );
    expect(ofMachine).toEqual([`would_remove ${goneThere}`]);
    expect(expired.filter((file) => existsSync(file))).toEqual([goneThere]);
    expect(live.filter((file) => !existsSync(file))).toEqual([]);
    expect(liveThere).toBeDefined();
  });
});

function chownUpTo(top: string, leaf: string, uid: number): void {
  for (let at = leaf; at !== top; at = path.dirname(at)) chownSync(at, uid, uid);
}

/**
 * Runs Debian's script with its `-delete` and its ages taken out, where it sees no process but its
 * own: what it would look at, whatever the age.
 */
function lookedAtBySessionclean(): string[] {
  const script = readFileSync(sessionclean, 'utf8');
  const harmless = script.replace(/-cmin "\+\$gc_maxlifetime" -delete/, '-print');
  if (harmless === script || harmless.includes('-delete'))
    throw new Error(`${sessionclean} is not as it was`);
  const file = path.join(tempDir(), 'sessionclean');
  writeFileSync(file, harmless);
  return execFileSync('unshare', ['-mpf', '--mount-proc', 'sh', '-e', file], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

describe.skipIf(!canUnshare() || phpFpm === '')('a php-fpm with a private /tmp', () => {
  it('has its sessions there found and swept, and nobody else’s', async () => {
    const script = 'mount -t tmpfs none /tmp && cat >/tmp/fpm.conf <&3 && exec "$@"';
    const config = path.join(tempDir(), 'fpm.conf');
    const lines = ['php_admin_value[session.save_path] = /tmp'];
    writeFileSync(config, fpmConfiguration('/tmp', [{ name: 'www', user: 'www-data', lines }]));
    const { pid } = await startProgram(
      [
        ...['unshare', '-m', 'sh', '-c', `exec 3<"$0"; ${script}`, config],
        ...[phpFpm, '-F', '-O', '-y', '/tmp/fpm.conf'],
      ],
      /ready to handle connections/,
    );
    const tmp = `/proc/${pid}/root/tmp`;
    writeFileSync(`${tmp}/page.php`, sessionPage);
    const id = `private${pid}`;
    for (const each of [`${id}old`, `${id}new`])
      await runByFastCgi(`${tmp}/www.sock`, '/tmp/page.php', { QUERY_STRING: each });
    age(`${tmp}/sess_${id}old`, 1445);
    const ours = writeSession('/tmp', `${id}old`, { ageSeconds: 1445 });
    onTestFinished(() => rmSync(ours, { force: true }));

    const store = storeAt(await discoverStores(), tmp);

    expect(store).toMatchObject({
      id: `/proc/${pid}/root /tmp`,
      maxLifetime: 1440,
      collectable: true,
      usedBy: [expect.stringMatching(/php8\.2-fpm pool www$/)],
      target: { savePath: Buffer.from('0;/tmp'), root: { process: { pid } } },
    });
    const report = await sweep(targetsOf([store]));
    expect(report).toMatchObject({ unusable: [], totals: { removed: 1, live: 1 } });
    expect(readdirSync(tmp).filter((name) => name.startsWith('sess_'))).toEqual([`sess_${id}new`]);
    expect(existsSync(ours)).toBe(true);
  });
});

describe.skipIf(!isRoot || phpFpm === '')('a php-fpm that was started by hand', () => {
  it('has the lifetime of its own php.ini, -d and environment, none of which it shows', async () => {
    const directory = tempDir();
    const ini = path.join(directory, 'php.ini');
    writeFileSync(ini, `session.gc_maxlifetime = ${'$'}{SESSION_LIFE}\n`);
    const start = async (name: string, more: Parameters<typeof startPhpFpm>[2]) => {
      const store = makeDirectory(path.join(directory, name), 0);
      const config = path.join(directory, `${name}.conf`);
      const lines = [`php_value[session.save_path] = ${store}`];
      writeFileSync(config, fpmConfiguration(directory, [{ name, user: 'www-data', lines }]));
      await startPhpFpm(phpFpm, config, more);
      return store;
    };
    const variable = await start('variable', {
      arguments: ['-c', ini],
      env: { SESSION_LIFE: '86400' },
    });
    const defined = await start('defined', { arguments: ['-d', 'session.gc_maxlifetime=7200'] });

    const discovery = await discoverStores();

    expect(storeAt(discovery, variable)).toMatchObject({ collectable: true, maxLifetime: 86_400 });
    expect(storeAt(discovery, defined)).toMatchObject({ collectable: true, maxLifetime: 7200 });
  });
});

describe.skipIf(!hasPhp)('a directory that only an application knows', () => {
  it('is listed with the lines that adopt it, and collected once it is adopted', async () => {
    const directory = tempDir();
    const expired = writeSession(directory, 'expired', { ageSeconds: 1445 });
    const { pid } = await holdSession(directory, 'held');

    const store = storeAt(await discoverStores(), directory);

    expect(store).toMatchObject({
      collectable: false,
      maxLifetime: null,
      target: null,
      usedBy: [expect.stringContaining(`(pid ${pid})`)],
    });
    const [, lines = ''] = /write (.*) into /.exec(store.reason ?? '') ?? [];
    const file = path.join(tempDir(), 'sescle.toml');
    writeFileSync(file, lines.replaceAll(' ⏎ ', '\n'));
    const adopted = storeAt(await discoverStores({ configuration: Buffer.from(file) }), directory);
    expect(adopted).toMatchObject({ collectable: true, maxLifetime: 1440, reason: null });
    const report = await sweep(targetsOf([adopted]));
    expect(report.totals).toMatchObject({ removed: 1, live: 1 });
    expect(existsSync(expired)).toBe(false);
    expect(readdirSync(directory)).toEqual(['sess_held']);
  });

  it('is not taken for a level of directories once it is adopted', async () => {
    const above = tempDir();
    const directory = path.join(above, 'h');
    mkdirSync(directory);
    await holdSession(directory, 'held');
    const file = path.join(tempDir(), 'sescle.toml');
    writeFileSync(file, `[[store]]\npath = "${directory}"\nlifetime = "24m"\n`);
    const { stores } = await discoverStores({ configuration: Buffer.from(file) });
    const found = stores.filter((store) => store.path.startsWith(above));
    expect(found.map((store) => store.path)).toEqual([directory]);
  });
});

/** An application that chooses where its sessions are, with one of them open. */
function holdSession(directory: string, id: string) {
  const code =
    `ini_set('session.save_path', '${directory}'); session_id('${id}'); session_start(); ` +
    "echo 'ready'; fgets(STDIN);";
  return startProgram(['php', '-d', 'session.use_cookies=0', '-r', code], /ready/);
}

describe('discovery on this machine', () => {
  it('takes no more than a few seconds, and less where PHP is not run', async () => {
    const file = path.join(tempDir(), 'sescle.toml');
    writeFileSync(file, '[discover]\nrun_php = false\nprocesses = false\n');
    const measure = async (configuration?: string) => {
      const startMs = performance.now();
      const { stores } = await discoverStores(
        configuration === undefined ? {} : { configuration: Buffer.from(configuration) },
      );
      return { ms: Math.round(performance.now() - startMs), stores: stores.length };
    };
    const all = await measure();
    const static_ = await measure(file);
    console.info('discovery: everything', all, 'static reading alone', static_);
    expect(all.ms).toBeLessThan(5000);
    expect(static_.ms).toBeLessThan(3000);
  });
});
