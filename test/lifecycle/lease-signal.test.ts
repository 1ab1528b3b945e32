/**
 * A strict sweep's lease is broken inside a host process: the kernel's SIGIO neither ends the process
 * nor reaches a handler of its own, and the session survives with what was written to it.
 *
 * strace holds the sweep at its rename, the lease taken, until /proc/locks shows that somebody waits for it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requireBuild } from '../support/cli.js';
import { canTrace, heldMicroseconds, readIfThere } from '../support/held-sweep.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';
import { libraryUrl } from './library.js';

const script = `
const [url, store, isListening] = process.argv.slice(1);
let heard = 0;
if (isListening === 'true') process.on('SIGIO', () => { heard += 1; });
const { sweep } = await import(url);
const { totals } = await sweep(store, { maxLifetimeSeconds: 1440, strict: true, threads: 1 });
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(JSON.stringify({ heard, totals }));
`;

function isLeaseBreaking(inode: number): boolean {
  const line = new RegExp(`LEASE +BREAKING .*:${inode} `);
  return line.test(readFileSync('/proc/locks', 'latin1'));
}

describe.skipIf(!canTrace())('a lease that is broken', () => {
  it.each([false, true])(
    'is not heard of by its process, which listens: %s',
    {
      timeout: 60_000,
    },
    async (isListening) => {
      requireBuild();
      const store = tempDir();
      const file = writeSession(store, 'a', { ageSeconds: 100_000 });
      const { ino } = statSync(file);
      const log = path.join(tempDir(), 'strace.log');
      const inject = `inject=renameat2:delay_enter=${heldMicroseconds}:when=1`;
      const tracing = ['-f', '-o', log, '-e', 'trace=renameat2', '-e', inject];
      const host = ['--input-type=module', '-e', script, libraryUrl, store, String(isListening)];
      // The host is strace's parent (-D), so that it outlives strace.
      const child = spawn('strace', ['-D', ...tracing, process.execPath, ...host]);
      onTestFinished(() => void child.kill('SIGKILL'));
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
      });
      const closed = once(child, 'close');
      await until(() => readIfThere(log).includes('renameat2'));
      const php = open(file, 'r+');
      await until(() => isLeaseBreaking(ino));
      const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
      process.kill(Number(/^TracerPid:\t(\d+)/m.exec(status)?.[1]), 'SIGKILL');
      const opened = await php;
      await opened.write('written', 0);
      await opened.close();
      const [exit, signal] = await closed;
      expect([exit, signal]).toEqual([0, null]);
      const { heard, totals } = JSON.parse(output);
      expect(heard).toBe(0);
      expect(totals).toMatchObject({ scanned: 1, expired: 1, skipped: { in_use: 1 }, setAside: 0 });
      expect(readFileSync(file, 'utf8')).toBe('written');
    },
  );
});
