/** What was needed once is given back. */
import { expect, test } from 'vitest';
import { giveMemoryBack } from '../../../lib/cli/give-memory-back.js';

test('what nobody refers to any more is collected at once', () => {
  const once = new WeakRef(Array.from({ length: 100_000 }, (_, index) => ({ index })));
  const kept = { still: 'here' };
  const keptRef = new WeakRef(kept);
  return new Promise<void>((resolve) => {
    // A WeakRef keeps what it is asked for, or was made of, until the next turn.
    setTimeout(() => {
      giveMemoryBack();
      expect(once.deref()).toBeUndefined();
      expect(keptRef.deref()).toBe(kept);
      expect('gc' in globalThis).toBe(false);
      resolve();
    }, 0);
  });
});
