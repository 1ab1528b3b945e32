/**
 * A strict sweep that is killed between rename and unlink: no session is lost by it, and none stays
 * hidden. strace kills the real program at the unlink, which does not take place.
 */
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { longExpired } from '../attack/victims.js';
import { runCli } from '../support/cli.js';
import { canTrace } from '../support/held-sweep.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { soundReport, sweepWords } from './report.js';
import { runTraced } from './traced-command.js';

async function killAtUnlink(store: string): Promise<void> {
  const inject = ['-e', 'trace=unlinkat', '-e', 'inject=unlinkat:error=EIO:signal=KILL:when=1'];
  const words = sweepWords(store, '--threads', '1', '--strict');
  const { signal, stderr, hung } = await runTraced(['-o', '/dev/null', ...inject], words);
  expect({ signal, hung }, stderr).toEqual({ signal: 'SIGKILL', hung: false });
}

describe.skipIf(!canTrace())('kill -9 between rename and unlink', () => {
  let store: string;

  beforeEach(async () => {
    store = tempDir();
    writeSession(store, 'a', longExpired);
    await killAtUnlink(store);
    expect(readdirSync(store)).toEqual(['.scl_a']);
  });

  const json = async (...words: string[]) => {
    const end = await runCli(sweepWords(store, '--threads', '1', ...words));
    expect(end.status, end.stderr).toBe(0);
    return { totals: soundReport(end).totals, stderr: end.stderr };
  };

  it.each([[['--strict']], [[]]])('leaves what the next sweep removes %j', async (words) => {
    const { totals } = await json(...words);
    expect(totals).toMatchObject({ scanned: 1, expired: 1, removed: 1, setAside: 0 });
    expect(readdirSync(store)).toEqual([]);
  });

  it('loses nothing that PHP wrote to it meanwhile', async () => {
    writeFileSync(join(store, '.scl_a'), 'user|s:5:"alice";');
    const kept = await json();
    expect(kept.totals).toMatchObject({ scanned: 1, live: 1, setAside: 1 });
    expect(kept.stderr).toMatch(/1 session lies under a private name .*sescle sweep --strict/);
    const { totals, stderr } = await json('--strict');
    expect(totals).toMatchObject({ scanned: 1, live: 1, setAside: 0 });
    expect(stderr).toBe('');
    expect(readdirSync(store)).toEqual(['sess_a']);
    expect(readFileSync(join(store, 'sess_a'), 'utf8')).toBe('user|s:5:"alice";');
  });

  it('never overwrites the session that PHP has made since', async () => {
    writeFileSync(join(store, '.scl_a'), 'older');
    writeSession(store, 'a', { content: 'newer' });
    expect((await json('--strict')).totals).toMatchObject({ live: 1, setAside: 1 });
    expect(readFileSync(join(store, 'sess_a'), 'utf8')).toBe('newer');
    utimesSync(join(store, '.scl_a'), 1, 1);
    expect((await json('--strict')).totals).toMatchObject({ live: 1, removed: 1, setAside: 0 });
    expect(readdirSync(store)).toEqual(['sess_a']);
  });
});
