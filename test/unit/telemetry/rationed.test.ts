/** Whatever is asked for too often is made only now and then. */
import { describe, expect, it } from 'vitest';
import { rationed } from '../../../lib/telemetry/rationed.js';

function scene(make: (turn: number) => number | Promise<number>) {
  const clock = { ms: 0 };
  const later: { call: () => void; ms: number }[] = [];
  let turn = 0;
  const ask = rationed(
    () => {
      turn += 1;
      return make(turn);
    },
    100,
    () => clock.ms,
    (call, ms) => later.push({ call, ms }),
  );
  return { ask, clock, later };
}

describe('rationed', () => {
  it('makes a value once in a period, for those who ask at once too', async () => {
    const { ask, clock } = scene((turn) => turn);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    clock.ms = 99;
    expect(await ask()).toBe(1);
    clock.ms = 100;
    expect(await ask()).toBe(2);
  });

  it('leaves ten times as long in between as making it takes', async () => {
    let make = (_: number) => {};
    const { ask, clock } = scene((turn) =>
      new Promise((resolve) => (make = resolve)).then(() => turn),
    );
    const asked = ask();
    clock.ms = 1000;
    expect(ask()).toBe(asked);
    make(0);
    expect(await asked).toBe(1);
    clock.ms = 10_999;
    expect(await ask()).toBe(1);
    clock.ms = 11_000;
    void ask();
    make(0);
    expect(await ask()).toBe(2);
  });

  it('keeps a value no longer than it is good', async () => {
    const { ask, clock, later } = scene((turn) => turn);
    await ask();
    const [drop] = later;
    expect(drop?.ms).toBe(100);
    clock.ms = 100;
    expect(await ask()).toBe(2);
    // That of the first value says nothing of the second.
    drop?.call();
    expect(await ask()).toBe(2);
    later[1]?.call();
    expect(await ask()).toBe(3);
  });

  it('tells a failure to those who asked, and tries again', async () => {
    const { ask } = scene((turn) => {
      if (turn === 1) throw new Error('once');
      return turn;
    });
    const both = [ask(), ask()];
    await expect(both[0]).rejects.toThrow('once');
    await expect(both[1]).rejects.toThrow('once');
    expect(await ask()).toBe(2);
  });
});
