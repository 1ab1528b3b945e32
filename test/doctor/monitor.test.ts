/**
 * What the doctor finds of the monitor and of the clock, on a machine of its own: in a mount and PID
 * namespace, where a stand-in for systemctl starts and ends the unit's process.
 */
import { describe, expect, test } from 'vitest';
import type { Examination, Finding } from '../../lib/index.js';
import { quote, runCli, runShell } from '../support/cli.js';
import { fakeTimeLibrary } from '../support/fake-time.js';
import { Machine } from '../support/machine.js';
import { requireTool } from '../support/require-tool.js';

const isRoot = process.getuid?.() === 0;
const packageFile = new URL('../../package.json', import.meta.url).pathname;

/** What the doctor says each time that the script calls `doctor`. */
async function examinedBy(machine: Machine, script: string): Promise<Examination[]> {
  const inside = `
for each in /etc /var/lib/php /usr/lib/systemd; do mount --bind "$1$each" "$each"; done
unset NODE_EXTRA_CA_CERTS
shift
sescle=("$@")
doctor() { "\${sescle[@]}" doctor --json | tr -d '\\n'; echo; }
start() {
  "\${sescle[@]}" watch --textfile "$metrics" >/dev/null 2>&1 &
  while [[ -z "$(ls "$metrics")" ]]; do sleep 0.05; done
}
systemctl() {
  [[ "$2" == sescle.service ]]
  if [[ "$1" == restart ]]; then kill %%; wait; fi
  start
}
metrics=$(mktemp -d)
${script}
kill %%
wait
rm -r "$metrics"`;
  const unshare = 'unshare --mount --pid --fork --mount-proc --kill-child bash -euc';
  const { status, text, stderr } = await runShell(
    `${unshare} ${quote(inside)} -- ${quote(machine.root)} "\${sescle[@]}"`,
  );
  expect([status, stderr]).toEqual([0, '']);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function findingOf({ findings }: Examination, id: string): Finding | undefined {
  return findings.find((each) => each.id === id);
}

describe.skipIf(!isRoot || !requireTool('unshare'))('the monitor', () => {
  test('does not run: its remedy starts it', async () => {
    const [before, after] = await examinedBy(
      new Machine().withSescle(),
      'doctor; systemctl start sescle.service; doctor',
    );
    if (before === undefined || after === undefined) throw new Error('nothing was said');
    const found = findingOf(before, 'monitor-down');
    expect(found).toMatchObject({ severity: 'urgent' });
    expect(found?.remedy[0]).toBe('systemctl start sescle.service');
    expect(findingOf(after, 'monitor-down')).toBeUndefined();
  });

  test('is older than the package: its remedy starts the new one', async () => {
    const [current, outdated, after] = await examinedBy(
      new Machine().withSescle(),
      `start; doctor
installed=$(mktemp); cp ${quote(packageFile)} "$installed"; sleep 0.01
mount --bind "$installed" ${quote(packageFile)}
doctor; systemctl restart sescle.service; doctor`,
    );
    if (current === undefined || outdated === undefined || after === undefined)
      throw new Error('nothing was said');
    expect(findingOf(current, 'monitor-outdated')).toBeUndefined();
    const found = findingOf(outdated, 'monitor-outdated');
    expect(found).toMatchObject({ severity: 'warning' });
    expect(found?.remedy).toEqual(['systemctl restart sescle.service']);
    expect(findingOf(after, 'monitor-outdated')).toBeUndefined();
  });
});

const fakeTime = fakeTimeLibrary();

test.skipIf(fakeTime === null)(
  'a clock before the time at which this sescle was made',
  async () => {
    const machine = new Machine().withSescle();
    const said = async (env: Record<string, string>) => {
      const { text } = await runCli(['doctor', '--json', '--root', machine.root], { env });
      return findingOf(JSON.parse(text), 'clock-wrong');
    };
    const found = await said({ LD_PRELOAD: fakeTime ?? '', FAKETIME: '2026-10-31 12:00:00' });
    expect(found).toMatchObject({ severity: 'urgent', remedy: ['timedatectl set-ntp true'] });
    expect(found?.evidence[0]).toMatch(/^the clock says 2026-10-31T/);
    expect(await said({})).toBeUndefined();
  },
);
