/** A text is made now and then, however many ask for it. */
import { expect, it } from 'vitest';
import { History } from '../../../lib/telemetry/history.js';
import { answersFrom } from '../../../lib/telemetry/http-answers.js';
import { monitorStatus } from '../../telemetry/statuses.js';

const [store = null] = monitorStatus().stores;
const sources = {
  snapshot: () => monitorStatus(),
  summary: () => monitorStatus(),
  store: (id: string) => (id === store?.id ? store : null),
  historyOf: (id: string) => new History().of(id),
};

it.each(['/', '/metrics', '/healthz', '/api/status'])('makes %s once in a period', async (path) => {
  let now = 0;
  let snapshots = 0;
  const snapshot = () => {
    snapshots += 1;
    return monitorStatus();
  };
  const answer = answersFrom({ ...sources, snapshot, summary: snapshot }, 100, () => now);
  const first = await answer('GET', path);
  expect(await answer('GET', path)).toBe(first);
  expect(await answer('HEAD', path)).toBe(first);
  expect(snapshots).toBe(1);
  now = 100;
  expect(await answer('GET', path)).not.toBe(first);
});

it.each([
  ['/', 'summary'],
  ['/api/status', 'snapshot'],
  ['/metrics', 'summary'],
  ['/healthz', 'summary'],
])('makes %s of a %s', async (path, from) => {
  const asked: string[] = [];
  const source = (name: string) => () => {
    asked.push(name);
    return monitorStatus();
  };
  const both = { snapshot: source('snapshot'), summary: source('summary') };
  await answersFrom({ ...sources, ...both }, 100, () => 0)('GET', path);
  expect(asked).toEqual([from]);
});

it.each([
  ['/?store=%2Fvar%2Flib%2Fphp%2Fsessions', 200],
  ['/?store=/var/lib/php/sessions', 200],
  ['/?store=/elsewhere', 404],
  ['/?store=', 404],
  ['/?store=%ff', 404],
  ['/?other=/elsewhere', 200],
  ['/healthz?store=/elsewhere', 200],
])('answers %s with %i', async (target, status) => {
  expect((await answersFrom(sources, 0, () => 0)('GET', target)).status).toBe(status);
});

it("asks for one store to make a store's page, and for no walk over the others", async () => {
  const snapshot = () => expect.unreachable('a snapshot');
  const answer = answersFrom({ ...sources, snapshot }, 0, () => 0);
  const { body } = await answer('GET', '/?store=/var/lib/php/sessions');
  expect(body).toContain('Lateness');
});
