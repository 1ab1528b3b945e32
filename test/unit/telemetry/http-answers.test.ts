/** A text is made once from a snapshot, however many ask for it. */
import { expect, it } from 'vitest';
import { answersFrom } from '../../../lib/telemetry/http-answers.js';
import { monitorStatus } from '../../telemetry/statuses.js';

it.each(['/', '/metrics', '/healthz', '/api/status'])(
  'makes %s once from each snapshot',
  async (path) => {
    let status = monitorStatus();
    const answer = answersFrom(async () => status);
    const first = await answer('GET', path);
    expect(await answer('GET', path)).toBe(first);
    expect(await answer('HEAD', path)).toBe(first);
    status = monitorStatus();
    expect(await answer('GET', path)).not.toBe(first);
  },
);
