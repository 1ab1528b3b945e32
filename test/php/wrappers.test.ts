/**
 * A real Apache with mod_fcgid, which has PHP started for two users by starter scripts of theirs, and
 * for the server's own user by what FcgidInitialEnv says. What the scripts of each print is the oracle:
 * stores and lifetimes are the same, whether php-cgi runs or not.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { discoverStores } from '../../lib/index.js';
import { filesTarget } from '../../lib/stores/store-directory.js';
import { freePort, startApache } from '../support/apache.js';
import { makeDirectory, storeAt, uidOf } from '../support/discovered.js';
import { requireTool } from '../support/require-tool.js';

const modules = '/usr/lib/apache2/modules';
const canRun =
  process.getuid?.() === 0 &&
  requireTool('apache2') &&
  requireTool('php-cgi') &&
  isThere(`${modules}/mod_fcgid.so`) &&
  isThere('/usr/lib/apache2/suexec');

function isThere(file: string): boolean {
  if (existsSync(file)) return true;
  if (process.env['CI'] === 'true')
    throw new Error(`${file} is not there, and with CI=true no test may be skipped`);
  return false;
}

/** suexec starts nothing for users and groups below 100, and nothing outside /var/www. */
function twoUsers(): [string, string] {
  const found = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , uid, gid]) => Number(uid) >= 100 && Number(gid) >= 100)
    .filter(([name]) => name !== 'nobody')
    .map(([name = '']) => name);
  const [one, two] = found;
  if (one === undefined || two === undefined) throw new Error('there are no two users to serve');
  return [one, two];
}

const page =
  '<?php echo json_encode([ini_get("session.save_path"), (int) ini_get("session.gc_maxlifetime"), getmypid()], JSON_UNESCAPED_SLASHES);';

describe.skipIf(!canRun)('PHP that mod_fcgid starts', () => {
  it('has the stores and the lifetimes that its scripts print, running or not', async () => {
    const directory = mkdtempSync('/var/www/sescle-test-');
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    chmodSync(directory, 0o755);
    const [alice, bob] = twoUsers();
    const web = `${directory}/web`;
    mkdirSync(web);
    writeFileSync(`${web}/page.php`, page);
    const sites = [
      { name: 'alice', user: alice },
      { name: 'bob', user: bob },
      { name: 'own', user: 'www-data' },
    ].map(({ name, user }) => {
      const uid = uidOf(user);
      const home = makeDirectory(`${directory}/${name}`, uid, 0o755);
      const sessions = makeDirectory(`${home}/sessions`, uid);
      return { name, user, uid, home, sessions };
    });
    const [ofAlice, ofBob, own] = sites;
    if (ofAlice === undefined || ofBob === undefined || own === undefined) throw new Error();
    const iniOf = (site: typeof own, seconds: number) => {
      mkdirSync(`${site.home}/etc`);
      writeFileSync(
        `${site.home}/etc/php.ini`,
        `session.save_path = ${site.sessions}\nsession.gc_maxlifetime = ${seconds}\n`,
      );
    };
    iniOf(ofAlice, 86_400);
    iniOf(own, 7200);
    const starter = (site: typeof own, ...lines: string[]) => {
      const file = `${site.home}/starter`;
      writeFileSync(
        file,
        ['#!/bin/sh', 'PHP_FCGI_CHILDREN=0', 'export PHP_FCGI_CHILDREN', ...lines, ''].join('\n'),
      );
      chmodSync(file, 0o755);
      // suexec starts a program for its owner only.
      chownSync(file, site.uid, uidOf(site.user));
      return file;
    };
    starter(ofAlice, 'PHPRC=$(dirname "$0")/etc', 'export PHPRC', 'exec /usr/bin/php-cgi');
    starter(
      ofBob,
      'exec /usr/bin/php-cgi \\',
      ' -d session.gc_maxlifetime=5000 \\',
      ` -d session.save_path="${ofBob.sessions}"`,
    );
    const port = await freePort();
    const host = (name: string, ...lines: string[]) => [
      `<VirtualHost *>\nServerName ${name}.test\nDocumentRoot ${web}`,
      ...lines,
      '</VirtualHost>',
    ];
    writeFileSync(
      `${directory}/httpd.conf`,
      [
        `ServerRoot ${directory}`,
        `DefaultRuntimeDir ${directory}`,
        `PidFile ${directory}/pid`,
        `ErrorLog ${directory}/error.log`,
        `Listen 127.0.0.1:${port}`,
        'ServerName localhost',
        ...['mpm_prefork', 'authz_core', 'suexec', 'fcgid'].map(
          (name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`,
        ),
        'User www-data\nGroup www-data\nMutex pthread\nStartServers 2',
        `FcgidIPCDir ${directory}/ipc\nFcgidProcessTableFile ${directory}/shm`,
        '<FilesMatch "\\.php$">\nSetHandler fcgid-script\nOptions +ExecCGI\n</FilesMatch>',
        ...host(
          'alice',
          `SuexecUserGroup ${alice} ${groupOf(alice)}`,
          `FcgidWrapper ${ofAlice.home}/starter .php`,
        ),
        ...host(
          'bob',
          `SuexecUserGroup ${bob} ${groupOf(bob)}`,
          `FcgidWrapper ${ofBob.home}/starter .php`,
        ),
        ...host(
          'own',
          `FcgidInitialEnv PHPRC ${own.home}/etc`,
          'FcgidWrapper /usr/bin/php-cgi .php',
        ),
        '',
      ].join('\n'),
    );
    const apache = await startApache(directory, `${directory}/httpd.conf`, port);
    onTestFinished(() => apache.stop());

    const known = async () => {
      const found = await discoverStores();
      return sites.map(({ sessions, uid }) => {
        const store = storeAt(found, sessions);
        const { doubt, collectable } = store;
        const target = filesTarget(store);
        const isKnown = collectable && doubt === null && target !== null;
        const seconds = target?.lifetimesByUid.get(uid) ?? target?.maxLifetimeSeconds;
        return [sessions, isKnown ? seconds : null];
      });
    };
    const idle = await known();
    const printed: unknown[] = [];
    for (const { name } of sites) {
      const answer = await apache.get(`${name}.test`, '/page.php');
      const log = readFileSync(`${directory}/error.log`, 'utf8');
      const [path, seconds, pid] = JSON.parse(
        typeof answer === 'string' ? answer : `["${answer} ${log.replaceAll(/["\n\\]/g, ' ')}"]`,
      );
      printed.push([path, seconds]);
      expect(existsSync(`/proc/${pid}`)).toBe(true);
    }
    expect(printed).toEqual([
      [ofAlice.sessions, 86_400],
      [ofBob.sessions, 5000],
      [own.sessions, 7200],
    ]);
    expect(idle).toEqual(printed);
    expect(await known()).toEqual(printed);
  });
});

function groupOf(user: string): string {
  const gid = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
    ?.split(':')[3];
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((one) => one.split(':')[2] === gid);
  return line?.split(':')[0] ?? '';
}
