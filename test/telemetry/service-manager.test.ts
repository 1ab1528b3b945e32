/** What systemd is told, as it arrives at a real socket. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { serviceManager } from '../../lib/telemetry/service-manager.js';
import { startCli } from '../support/cli.js';
import { listen } from '../support/notify-socket.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

it.each(['path', 'abstract'])('is told over a socket with a name of kind %s', async (kind) => {
  const directory = tempDir();
  const address = kind === 'path' ? `${directory}/notify` : `@${directory}/abstract`;
  const { told } = await listen(address);
  const manager = serviceManager({
    environment: { NOTIFY_SOCKET: address, WATCHDOG_USEC: '30000', WATCHDOG_PID: '42' },
    pid: 42,
    onTrouble: (text) => expect.unreachable(text),
  });
  manager.ready();
  manager.status(() => 'one\ntwo');
  manager.reloading();
  await until(() => told().includes('WATCHDOG=1'));
  manager.stopping();
  manager.close();
  await until(() => told().includes('STOPPING=1'));
  expect(told().filter((line) => line !== 'WATCHDOG=1')).toEqual([
    'READY=1',
    'STATUS=one two',
    expect.stringMatching(/^RELOADING=1\|MONOTONIC_USEC=\d+$/),
    'STOPPING=1',
  ]);
});

it('feeds no watchdog that watches another process', async () => {
  const address = `${tempDir()}/notify`;
  const { told } = await listen(address);
  const manager = serviceManager({
    environment: { NOTIFY_SOCKET: address, WATCHDOG_USEC: '3000', WATCHDOG_PID: '43' },
    pid: 42,
    onTrouble: () => {},
  });
  await pause(50);
  manager.ready();
  manager.close();
  await until(() => told().includes('READY=1'));
  expect(told()).toEqual(['READY=1']);
});

it('says once that it cannot be reached', () => {
  const troubles: string[] = [];
  const manager = serviceManager({
    environment: { NOTIFY_SOCKET: `${tempDir()}/nobody` },
    pid: 42,
    onTrouble: (text) => troubles.push(text),
  });
  manager.ready();
  manager.stopping();
  expect(troubles).toEqual([expect.stringMatching(/cannot be reached: no such file/)]);
});

it('is told nothing where there is none', () => {
  const manager = serviceManager({
    environment: {},
    pid: 42,
    onTrouble: (text) => expect.unreachable(text),
  });
  manager.status(() => expect.unreachable('a line is made for nobody'));
  manager.ready();
  manager.close();
});

it('is told of the whole life of the command', async () => {
  const address = `${tempDir()}/notify`;
  const { told } = await listen(address);
  const store = tempDir();
  const run = startCli(['watch', '-l', '1440', store], {
    env: { NOTIFY_SOCKET: address, WATCHDOG_USEC: '300000' },
  });
  await until(() => told().includes('READY=1') && told().includes('WATCHDOG=1'));
  await until(() => told().includes('STATUS=0 sessions in 1 store, 0 removed'));
  run.kill('SIGHUP');
  await until(() => told().filter((line) => line === 'READY=1').length === 2);
  expect(told().findIndex((line) => line.startsWith('RELOADING=1'))).toBeGreaterThan(0);
  run.kill('SIGTERM');
  expect((await run.ended).status).toBe(0);
  await until(() => told().includes('STOPPING=1'));
  expect(existsSync(store)).toBe(true);
});
