import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Store, StoreTarget } from '../../../lib/stores/store.js';
import { systemdPaths } from '../../../lib/stores/systemd-paths.js';
import { requireTool } from '../../support/require-tool.js';
import { tempDir } from '../../support/temp-dir.js';

function storeIn(savePath: string | Buffer, changes: Partial<StoreTarget> = {}): Store {
  const target: StoreTarget = {
    savePath: Buffer.from(savePath as string),
    maxLifetimeSeconds: 1440,
    graceSeconds: 0,
    lifetimesByUid: new Map(),
    root: null,
    directory: null,
    ...changes,
  };
  return {
    id: String(savePath),
    handler: 'files',
    path: String(savePath),
    depth: 0,
    maxLifetime: 1440,
    lifetimesByUser: [],
    doubt: null,
    grace: 0,
    user: 'root',
    usedBy: [],
    restsOn: [],
    collectable: true,
    reason: null,
    isBlocked: false,
    isNamed: false,
    settings: {},
    warnings: [],
    target,
  };
}

function directives(stores: readonly Store[]): string[] {
  return systemdPaths(stores)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function comments(stores: readonly Store[]): string {
  return systemdPaths(stores)
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n');
}

const pathsWithQuirks = [
  '/srv/a b',
  '/srv/ at both ends ',
  `/srv/q"uo'te`,
  '/srv/back\\slash\\',
  '/srv/100%n %h',
  '/srv/tab\there',
  '/srv/$HOME;#=[y]',
  '/srv/-+!@:|',
  '/srv/ümlaut\u202e',
  `/srv/${'n'.repeat(255)}`,
];

/** Before a path that may have a ; of its own. */
const noLevels = Buffer.from('0;0600;');

const inexpressible: readonly (readonly [string, Buffer])[] = [
  ['a newline', Buffer.from('/srv/x\nExecStart=/bin/evil')],
  ['a carriage return', Buffer.from('/srv/x\rUser=nobody')],
  ['what is not UTF-8', Buffer.from('/srv/\xff', 'latin1')],
  ['a noncharacter', Buffer.from('/srv/\ufdd0')],
  ['another noncharacter', Buffer.from('/srv/\u{1ffff}')],
  ['a step upwards', Buffer.from('/srv/a/../b')],
  ['too long a path', Buffer.from(`/srv${`/${'d'.repeat(200)}`.repeat(21)}`)],
];

describe('the drop-in for systemd', () => {
  test('names every directory once, in order, and makes all else read-only', () => {
    const stores = ['/var/lib/php/sessions', '2;0600;/srv/shop', '0;/srv/shop'].map((path) =>
      storeIn(path),
    );
    expect(directives(stores)).toEqual([
      '[Service]',
      'ProtectSystem=strict',
      'ReadWritePaths="-/srv/shop"',
      'ReadWritePaths="-/var/lib/php/sessions"',
    ]);
  });

  test('leaves out what is not collected, and what lies below another root', () => {
    const process = { pid: 7, startTicks: 1 };
    const stores = [
      storeIn('/srv/own'),
      storeIn('/srv/container', { root: { path: Buffer.from('/proc/7/root'), process } }),
      storeIn('/srv/image', { root: { path: Buffer.from('/mnt/image'), process: null } }),
      { ...storeIn('/srv/listed'), collectable: false, target: null },
    ];
    expect(directives(stores).slice(2)).toEqual(['ReadWritePaths="-/srv/own"']);
  });

  test('makes nothing read-only where there is no store yet', () => {
    expect(directives([])).toEqual(['[Service]']);
  });

  test.each(inexpressible)('leaves out %s, and says so', (_, path) => {
    const stores = [storeIn(path), storeIn('/srv/other')];
    expect(directives(stores).slice(2)).toEqual(['ReadWritePaths="-/srv/other"']);
    expect(comments(stores)).toMatch(/stays read-only: \/srv/);
  });

  test.skipIf(!requireTool('systemd-analyze'))('is read by systemd as it was meant', async () => {
    const paths = [...pathsWithQuirks, ...inexpressible.map(([, path]) => path)];
    const stores = paths.map((path) => storeIn(Buffer.concat([noLevels, Buffer.from(path)])));
    const { read, complaints } = await readBySystemd(systemdPaths(stores));
    expect(complaints).toEqual([]);
    expect(read).toBe(
      [...pathsWithQuirks]
        .sort()
        .map((path) => `-${path}`)
        .join(' '),
    );
  });

  test.skipIf(!requireTool('systemd-analyze'))(
    'would be given up by systemd at what is left out',
    async () => {
      for (const [, path] of inexpressible) {
        const naive = Buffer.concat([
          Buffer.from('[Service]\nReadWritePaths="-'),
          path,
          Buffer.from('"\n'),
        ]);
        const { read } = await readBySystemd(naive);
        expect(read).not.toBe(`-${path.toString()}`);
      }
    },
  );
});

/** What systemd has understood, which it tells when it is to debug. */
async function readBySystemd(dropIn: string | Buffer) {
  const directory = tempDir();
  const unit = join(directory, 'probe.service');
  mkdirSync(`${unit}.d`);
  writeFileSync(unit, '[Service]\nType=oneshot\nExecStart=/bin/true\n');
  writeFileSync(join(`${unit}.d`, 'stores.conf'), dropIn);
  const env = { ...process.env, SYSTEMD_LOG_LEVEL: 'debug' };
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', unit], {
    env,
    maxBuffer: 2 ** 24,
  }).catch((error) => error);
  const lines = `${stdout}\n${stderr}`.split('\n');
  const prefix = 'ReadWritePaths: ';
  return {
    read: lines
      .find((line) => line.trim().startsWith(prefix))
      ?.trimStart()
      .slice(prefix.length),
    complaints: lines.filter((line) => line.includes('stores.conf:')),
  };
}
