/** Progress and colour, on a real terminal and off it. */
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { type CliEnd, quote, runCli, runShell } from '../support/cli.js';
import { writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const csi = '\u001b[';

function store(): string {
  const directory = tempDir();
  writeSessions(directory, 20, 'old', { ageSeconds: 5000 });
  return directory;
}

/** On a pseudo-terminal of util-linux's script(1). */
function onTerminal(command: string): Promise<CliEnd> {
  return runShell(
    `export sescle_command="\${sescle[*]}"; script -qfec ${quote(`stty cols 80; ${command}`)} /dev/null`,
  );
}

test('on a terminal it is one line, redrawn, and blanked before the report', async () => {
  const directory = store();
  const { text, status } = await onTerminal(
    `$sescle_command sweep -l 1440 --max-rate 40 ${directory}`,
  );
  expect(status).toBe(0);
  expect(text).toMatch(/\r\d+ sessions? scanned, \d+ removed/);
  expect(text).not.toContain('%');
  // The last that is drawn before the report's first line is blanks.
  expect(stripVTControlCharacters(text)).toMatch(new RegExp(`\r +\r${directory}\r\n`));
});

test('it never is wider than the terminal', async () => {
  const { text } = await onTerminal(
    `stty cols 30; $sescle_command sweep -l 1440 -q --progress always ${store()}`,
  );
  const drawn = text.split('\r').filter((line) => line.includes('scanned'));
  expect(drawn.length).toBeGreaterThan(0);
  for (const line of drawn) expect(line.length).toBeLessThan(30);
});

test('listed sessions do not run into it', async () => {
  const { text } = await onTerminal(`$sescle_command sweep -l 1440 -vv --max-rate 40 ${store()}`);
  const lines = stripVTControlCharacters(text).split(/[\r\n]+/);
  expect(lines.filter((line) => /^removed \//.test(line))).toHaveLength(20);
  expect(lines.filter((line) => /scanned.*\//.test(line.replace(/\/s,/, '')))).toEqual([]);
});

test('off a terminal there is none, unless it is asked for: then whole lines', async () => {
  expect((await runCli(['sweep', '-l', '1440', store()])).stderr).toBe('');
  const always = await runCli(['sweep', '-l', '1440', '--progress', 'always', store()]);
  expect(always.stderr).toMatch(/^(?:\d+ sessions scanned, \d+ removed, [^\r\n]+\n)+$/);
  expect(always.stderr).not.toContain(csi);
});

test('--progress never and -q keep the terminal free of it', async () => {
  for (const flags of ['--progress never', '-q']) {
    const { text } = await onTerminal(`$sescle_command sweep -l 1440 ${flags} ${store()}`);
    expect(text).not.toMatch(/sessions scanned/);
  }
});

test('colour is on a terminal, and not with NO_COLOR', async () => {
  expect((await onTerminal(`$sescle_command sweep -l 1440 ${store()}`)).text).toContain(`${csi}1m`);
  const plain = await onTerminal(`NO_COLOR=1 $sescle_command sweep -l 1440 ${store()} /nope`);
  expect(plain.text).toContain('sescle: /nope does not exist');
  expect(plain.text).not.toContain(csi);
  expect((await runCli(['sweep', '-l', '1440', store()])).text).not.toContain(csi);
});
