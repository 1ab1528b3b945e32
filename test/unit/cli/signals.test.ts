/** The first signal asks for an end, the second ends at once. */
import { afterEach, expect, test, vi } from 'vitest';
import { watchSignals } from '../../../lib/cli/signals.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a second signal does not wait for the file in hand', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((status) => {
    throw new Error(`exit ${status}`);
  });
  const onFirst = vi.fn();
  const watch = watchSignals(onFirst);
  try {
    expect(watch.caught).toBeUndefined();
    process.emit('SIGTERM', 'SIGTERM');
    expect(watch.caught).toBe('SIGTERM');
    expect(onFirst).toHaveBeenCalledTimes(1);
    expect(exit).not.toHaveBeenCalled();
    expect(() => process.emit('SIGINT', 'SIGINT')).toThrow('exit 130');
    expect(onFirst).toHaveBeenCalledTimes(1);
  } finally {
    watch.release();
  }
});

test('release leaves no handler behind', () => {
  const before = process.listenerCount('SIGINT');
  watchSignals(() => {}).release();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
