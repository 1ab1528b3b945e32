/** A text is made now and then, however many ask for it. */
import { expect, it } from 'vitest';
import { answersFrom } from '../../../lib/telemetry/http-answers.js';
import { monitorStatus } from '../../telemetry/statuses.js';

it.each(['/', '/metrics', '/healthz', '/api/status'])('makes %s once in a period', async (path) => {
  let now = 0;
  let snapshots = 0;
  const snapshot = () => {
    snapshots += 1;
    return monitorStatus();
  };
  const answer = answersFrom({ snapshot, summary: snapshot }, 100, () => now);
  const first = await answer('GET', path);
  expect(await answer('GET', path)).toBe(first);
  expect(await answer('HEAD', path)).toBe(first);
  expect(snapshots).toBe(1);
  now = 100;
  expect(await answer('GET', path)).not.toBe(first);
});

it.each([
  ['/', 'snapshot'],
  ['/api/status', 'snapshot'],
  ['/metrics', 'summary'],
  ['/healthz', 'summary'],
])('makes %s of a %s', async (path, from) => {
  const asked: string[] = [];
  const source = (name: string) => () => {
    asked.push(name);
    return monitorStatus();
  };
  const sources = { snapshot: source('snapshot'), summary: source('summary') };
  await answersFrom(sources, 100, () => 0)('GET', path);
  expect(asked).toEqual([from]);
});
