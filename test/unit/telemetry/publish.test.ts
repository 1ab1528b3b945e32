/** Whoever can be reached from other machines says so. */
import { expect, onTestFinished, test } from 'vitest';
import { parseListenAddress } from '../../../lib/telemetry/listen-address.js';
import { publishStatus } from '../../../lib/telemetry/publish.js';
import { monitorStatus } from '../../telemetry/statuses.js';

test.each([
  ['0.0.0.0:0', [expect.stringMatching(/^0\.0\.0\.0:0 can be reached from other machines: /)]],
  ['127.0.0.1:0', []],
])('%s', async (text, expected) => {
  const http = parseListenAddress(text);
  if ('reason' in http) throw new Error(http.reason);
  const told: string[] = [];
  const publication = await publishStatus({
    snapshot: () => monitorStatus([]),
    http,
    onTrouble: (line) => told.push(line),
  });
  onTestFinished(() => publication.close());
  expect(publication.address).toMatch(/:\d+$/);
  expect(told).toEqual(expected);
});
