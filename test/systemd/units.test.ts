/** The units as systemd judges them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { systemdPaths } from '../../lib/stores/systemd-paths.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { discoveredStore } from '../unit/cli/discovered-store.js';

const directory = fileURLToPath(new URL('../../systemd/', import.meta.url));
const units = readdirSync(directory);
const services = units.filter((unit) => unit.endsWith('.service'));

/** The unit where its command exists, as systemd looks for that too; with what follows it. */
function installed(unit: string, dropIn?: string): string {
  const place = tempDir();
  for (const name of units) {
    const text = readFileSync(join(directory, name), 'utf8');
    // Not sescle itself, which need not be built for this.
    writeFileSync(join(place, name), text.replaceAll('ExecStart=sescle', 'ExecStart=/bin/true'));
  }
  if (dropIn !== undefined) {
    mkdirSync(join(place, `${unit}.d`));
    writeFileSync(join(place, `${unit}.d`, 'stores.conf'), dropIn);
  }
  return join(place, unit);
}

function analyze(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

describe.skipIf(!requireTool('systemd-analyze'))('systemd', () => {
  test.each(units)('has nothing to say against %s', (unit) => {
    expect(analyze('verify', '--man=no', installed(unit))).toEqual({ status: 0, text: '' });
  });

  test.each(services)('has nothing to say against %s with its stores', (unit) => {
    const path = installed(unit, systemdPaths([discoveredStore()]));
    expect(analyze('verify', '--man=no', path)).toEqual({ status: 0, text: '' });
  });

  test.each(services)('finds little exposed by %s', (unit) => {
    const { status, text } = analyze(
      'security',
      '--offline=yes',
      '--threshold=25',
      installed(unit),
    );
    expect(text).toMatch(/Overall exposure level/);
    expect(status).toBe(0);
  });
});

/** What would hide stores and processes, or keep V8 from running: the reason is in the unit. */
const blinding =
  /^(?:PrivateTmp|ProtectHome|ProcSubset|PrivateUsers|MemoryDenyWriteExecute|TemporaryFileSystem)=/m;

test.each(services)('%s sees what sescle must see', (unit) => {
  expect(readFileSync(join(directory, unit), 'utf8')).not.toMatch(blinding);
});

test('what both services have, both have alike', () => {
  const [sweep = [], monitor = []] = ['sescle-sweep.service', 'sescle.service'].map((unit) =>
    readFileSync(join(directory, unit), 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line)),
  );
  const own = /^(?:Description|Type|ExecStart)=/;
  expect(sweep.filter((line) => !own.test(line) && !monitor.includes(line))).toEqual([]);
});
