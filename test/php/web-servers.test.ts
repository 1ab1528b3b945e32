/**
 * Real web servers before a real php-fpm. What PHP says of its own lifetime is the oracle: sescle's may
 * never be shorter, and is the same where sescle reads the server's configuration, or is told which
 * directories it serves.
 *
 * The servers run as a user whom nobody else is: another's doubt is about that user's sessions only, so
 * that no test beside this one has it.
 */
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discoverStores } from '../../lib/index.js';
import { filesTarget } from '../../lib/stores/store-directory.js';
import { makeDirectory, storeAt } from '../support/discovered.js';
import { findPhpFpm, startPhpFpm } from '../support/php-fpm.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { type ServerName, serverNames, startWebServer } from '../support/web-servers.js';

const isRoot = process.getuid?.() === 0;
const phpFpm = findPhpFpm() ?? '';
const uid = 4242;

interface Site {
  readonly directory: string;
  readonly documentRoot: string;
  readonly sessions: string;
  readonly socket: string;
}

async function startSite(userIni: string | null): Promise<Site> {
  const directory = tempDir();
  chmodSync(directory, 0o755);
  const documentRoot = makeDirectory(`${directory}/web`, uid);
  const sessions = makeDirectory(`${directory}/sessions`, uid);
  const socket = `${directory}/fpm.sock`;
  const file = `${directory}/fpm.conf`;
  writeFileSync(
    file,
    [
      `[global]\nerror_log = ${directory}/fpm.log`,
      `[site]\nuser = ${uid}\ngroup = ${uid}\nlisten = ${socket}\nlisten.mode = 0666`,
      'pm = ondemand\npm.max_children = 2',
      `php_admin_value[session.save_path] = ${sessions}\n`,
    ].join('\n'),
  );
  writeFileSync(
    `${documentRoot}/page.php`,
    '<?php echo json_encode([ini_get("session.save_path"), ini_get("session.gc_maxlifetime")], JSON_UNESCAPED_SLASHES);',
  );
  if (userIni !== null) {
    writeFileSync(`${documentRoot}/.user.ini`, userIni);
    chownSync(`${documentRoot}/.user.ini`, uid, uid);
  }
  await startPhpFpm(phpFpm, file);
  return { directory, documentRoot, sessions, socket };
}

/** What sescle gives this user's sessions there; null: they are kept. */
async function lifetimeOf({ directory, sessions }: Site, toml = ''): Promise<number | null> {
  const file = `${directory}/sescle.toml`;
  writeFileSync(file, toml);
  const store = storeAt(await discoverStores({ configuration: Buffer.from(file) }), sessions);
  const { doubt } = store;
  const target = filesTarget(store);
  if (target === null) return null;
  if (doubt !== null && (doubt.users === null || doubt.users.some((user) => user.uid === uid)))
    return null;
  return target.lifetimesByUid.get(uid) ?? target.maxLifetimeSeconds;
}

const isRead = (name: ServerName) => name === 'nginx';
const longer = 'session.gc_maxlifetime = 86400\n';

describe.skipIf(!isRoot || phpFpm === '')('php-fpm behind', () => {
  for (const name of serverNames) {
    describe.skipIf(!requireTool(name))(name, () => {
      it('reads a .user.ini below its document root', async () => {
        const site = await startSite(longer);
        const fetched = await startWebServer(name, {
          ...site,
          directory: `${site.directory}/server`,
          uid,
        });
        expect(JSON.parse(await fetched('/page.php'))).toEqual([site.sessions, '86400']);
        expect(await lifetimeOf(site)).toBe(isRead(name) ? 86_400 : null);
        const named = `[discover]\ndocument_roots = ["${site.documentRoot}"]\n`;
        expect(await lifetimeOf(site, named)).toBe(86_400);
      });

      it('obeys the PHP_VALUE that it sends', async () => {
        const site = await startSite(null);
        const phpValue = 'session.gc_maxlifetime=90000';
        const fetched = await startWebServer(name, {
          ...site,
          directory: `${site.directory}/server`,
          uid,
          phpValue,
        });
        expect(JSON.parse(await fetched('/page.php'))).toEqual([site.sessions, '90000']);
        expect(await lifetimeOf(site)).toBe(isRead(name) ? 90_000 : null);
      });
    });
  }
});
