/**
 * A user who means harm, on a machine where PHP really runs: nobody else's sessions are removed by
 * anything that he writes or starts.
 *
 * Invariant: only stores in directories of the tests' own are swept.
 */
import { once } from 'node:events';
import { copyFileSync, existsSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Discovery, discoverStores, sweep } from '../../lib/index.js';
import { freePort, phpModule, preamble, startApache } from '../support/apache.js';
import {
  makeDirectory,
  storeAt,
  storesBelow,
  targetsOf,
  uidOf,
  writeOwned,
  writeSessionOf,
} from '../support/discovered.js';
import { findPhpFpm, startPhpFpm } from '../support/php-fpm.js';
import { fpmConfiguration } from '../support/pool-config.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';

const phpFpm = findPhpFpm() ?? '';
const library = phpModule() ?? '';
const canRunServices = process.getuid?.() === 0 && phpFpm !== '' && library !== '';
const hasSetpriv = requireTool('setpriv');
const nobody = 65_534;

/** Starts a copy of PHP by another name, as who means harm would: `php-cgi -d …`. */
async function runAs(uid: number, store: string): Promise<() => Promise<void>> {
  const copy = path.join(tempDir(), 'php-cgi');
  copyFileSync(realpathSync('/usr/bin/php'), copy);
  const defines = [`session.save_path=${store}`, 'session.gc_maxlifetime=1'];
  const words = defines.flatMap((define) => ['-d', define]);
  const command = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', copy, ...words];
  const php = await startProgram([...command, '-r', "echo 'ready'; fgets(STDIN);"], /ready/);
  return async () => {
    php.stdin.end();
    await once(php, 'exit');
  };
}

describe.skipIf(!canRunServices || !hasSetpriv)('a user who means harm', () => {
  it('reaches nobody else’s sessions by .user.ini or by a process, and the listing says so', async () => {
    const directory = tempDir();
    const www = uidOf('www-data');
    const victim = makeDirectory(path.join(directory, 'victim'), www);
    const own = makeDirectory(path.join(directory, 'own'), nobody);
    const shared = makeDirectory(path.join(directory, 'shared'), 0, 0o1733);
    const site = makeDirectory(path.join(directory, 'site'), nobody, 0o755);
    const userIni = (name: string, text: string) => {
      const below = makeDirectory(path.join(site, name), nobody, 0o755);
      writeOwned(path.join(below, '.user.ini'), nobody, text);
    };
    symlinkSync(victim, path.join(site, 'link'));
    userIni('victim', `session.save_path = ${victim}\nsession.gc_maxlifetime = 1\n`);
    userIni('etc', 'session.save_path = /etc\nsession.gc_maxlifetime = 1\n');
    userIni('by-link', `session.save_path = ${site}/link\nsession.gc_maxlifetime = 1\n`);
    userIni('own', `session.save_path = ${own}\nsession.gc_maxlifetime = 60\n`);
    userIni('hoard', 'session.gc_maxlifetime = 1000000000\n');
    userIni('empty', 'session.gc_maxlifetime = 1\n');
    userIni('deep', `session.save_path = "5;${shared}"\nsession.gc_maxlifetime = 1\n`);
    const config = path.join(directory, 'fpm.conf');
    const lines = [`php_value[session.save_path] = ${shared}`];
    writeFileSync(
      config,
      fpmConfiguration(directory, [
        { name: 'www', user: 'www-data', lines },
        { name: 'site', user: 'nobody', lines },
      ]),
    );
    const port = await freePort();
    const httpd = path.join(directory, 'httpd.conf');
    writeFileSync(httpd, `${preamble(directory, port, library)}DocumentRoot ${site}\n`);
    await startPhpFpm(phpFpm, config);
    const apache = await startApache(directory, httpd, port);
    onTestFinished(() => apache.stop());
    const files = {
      victim: writeSessionOf(www, victim, 'victim', 10_000_000),
      sharedLive: writeSessionOf(www, shared, 'live', 1000),
      sharedOld: writeSessionOf(www, shared, 'old', 1445),
      hoarded: writeSessionOf(nobody, shared, 'hoarded', 1445),
      deep: writeSessionOf(www, path.join(shared, 'd/e/e/p/e'), 'deepe', 1445),
      ownOld: writeSessionOf(nobody, own, 'old', 1445),
    };

    const discovery = await discoverStores();

    const refused = (owner: number) =>
      `uid ${nobody} chose this directory, which belongs to uid ${owner}`;
    expect(storeAt(discovery, victim)).toMatchObject({
      collectable: false,
      reason: refused(www),
      target: null,
      usedBy: expect.arrayContaining([
        expect.stringContaining(`${site}/victim`),
        expect.stringContaining(`${site}/by-link`),
      ]),
    });
    expect(storeAt(discovery, '/etc')).toMatchObject({
      collectable: false,
      reason: refused(0),
      target: null,
    });
    const found = storeAt(discovery, shared);
    expect(found).toMatchObject({
      collectable: true,
      depth: 0,
      maxLifetime: 1440,
      lifetimesByUser: [{ uid: nobody, maxLifetime: 1_000_000_000 }],
    });
    expect(found.warnings).toContainEqual(
      expect.stringMatching(`.user.ini in ${site}/deep is ignored: ${refused(0)}`),
    );
    const sweepAll = async (which: Discovery) => {
      const report = await sweep(targetsOf(storesBelow(which, directory)));
      expect(report.unusable).toEqual([]);
      const gone = Object.entries(files).filter(([, file]) => !existsSync(file));
      return gone.map(([name]) => name);
    };

    // A PHP of his own, of which nobody knows how long its sessions live, keeps his and no other's.
    const stop = await runAs(nobody, shared);
    const beside = await discoverStores();
    expect(storeAt(beside, shared)).toMatchObject({
      collectable: true,
      maxLifetime: 1440,
      doubt: { users: [{ uid: nobody }], reasons: [expect.stringMatching(/is unknown/)] },
      warnings: expect.arrayContaining([
        expect.stringMatching(`is ignored: ${refused(0)}`),
        expect.stringMatching(/^sescle does not know which php\.ini \S+php-cgi reads/),
      ]),
    });
    expect(await sweepAll(beside)).toEqual(['sharedOld']);
    await stop();
    expect(await sweepAll(await discoverStores())).toEqual(['sharedOld', 'ownOld']);
  });
});
