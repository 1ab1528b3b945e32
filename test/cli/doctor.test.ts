/** `sescle doctor` as a command: its statuses, what it refuses, and names that are hostile. */
import { chmodSync, mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, runShell } from '../support/cli.js';
import { Machine } from '../support/machine.js';
import { expectMended, finding } from '../support/remedies.js';
import { writeSession, writeSessions } from '../support/sessions.js';

describe('sescle doctor', () => {
  test('finds nothing on a machine where nothing is wrong', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'live');
    const { status, text, stderr } = await runCli(['doctor', '--root', machine.root]);
    expect(stderr).toBe('');
    expect(text).toBe('1 store looked at: nothing is wrong\n');
    expect(status).toBe(0);
  });

  test('the status tells how bad it is, and the worst comes first', async () => {
    const machine = new Machine();
    chmodSync(machine.store, 0o777);
    const { status, text } = await runCli(['doctor', '--root', machine.root]);
    expect(status).toBe(5);
    expect(text).toMatch(/^urgent: .*anyone can remove anyone's sessions/);
    expect(text).toMatch(/to mend it +chmod \+t /);
    expect(text).toMatch(/1 store looked at, 3 findings: 1 urgent, 1 to look at, 1 to know\n$/);
    chmodSync(machine.store, 0o1733);
    expect((await runCli(['doctor', '-q', '--root', machine.root])).status).toBe(4);
  });

  test.each<[string[], RegExp]>([
    [['--root', '/does/not/exist'], /no such file/],
    [['--search', '/does/not/exist'], /no such file/],
    [['-c', '/does/not/exist'], /no such file/],
    [['x'], /too many arguments/],
  ])('%j is refused', async (args, message) => {
    const { status, stderr } = await runCli(['doctor', ...args]);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

describe('forgotten directories', () => {
  test('with a hostile name are told in printable text, for a shell to read', async () => {
    const machine = new Machine().withSescle();
    const base = machine.directory('/srv');
    const hostile = mkdtempSync(join(base, "a'\u001b[31m\n"));
    writeSessions(hostile, 20, 'abcdefghij');
    const found = await finding(machine, 'forgotten-directory');
    for (const text of [found.subject, ...found.evidence, ...found.remedy]) {
      expect(text).not.toMatch(/\p{Cc}/u);
    }
    const word = /\$'.*'/.exec(found.remedy[0] ?? '')?.[0];
    const { stdout } = await runShell(`printf %s ${word}`);
    expect(stdout.toString()).toBe(hostile);
  });

  test('a store that a link leads to is none', async () => {
    const machine = new Machine().withSescle();
    writeSessions(machine.store, 30, 'abcdefghij');
    machine.directory('/srv');
    symlinkSync('/var/lib/php/sessions', machine.path('/srv/link'));
    await expectMended(machine, 'forgotten-directory');
  });
});
