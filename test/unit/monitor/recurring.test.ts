/** A task that asks for its next moment each time: rings, runs and the end, by a clock that the test moves. */
import { expect, test } from 'vitest';
import { Recurring } from '../../../lib/monitor/recurring.js';
import { playedClock } from '../../support/played-clock.js';

/** A task that asks for no moment until it is told to. */
function play() {
  const clock = playedClock();
  const startMs = clock.now();
  const runsAtMs: number[] = [];
  const defects: unknown[] = [];
  let atMs: number | null = null;
  let act = async () => {};
  const run = async () => {
    runsAtMs.push(clock.now() - startMs);
    await act();
  };
  const recurring = new Recurring(
    clock,
    () => ({ at: atMs === null ? null : startMs + atMs, run }),
    (thrown) => defects.push(thrown),
  );
  return {
    clock,
    recurring,
    /** From the start, as all times here. */
    runsAtMs,
    defects,
    /** @param then what a run does */
    ask(at: number, then: () => Promise<void>) {
      atMs = at;
      act = then;
    },
    /** Of a run: it asks for another one so much later. */
    again: (ms: number) => async () => {
      atMs = (atMs ?? 0) + ms;
    },
    /** The same: it asks for none. */
    async never() {
      atMs = null;
    },
  };
}

/** What lasts until it is told to end. */
function lasting() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, run: () => ended };
}

test('a task is run at each moment that it asks for', async () => {
  const { clock, recurring, runsAtMs, ask, again } = play();
  ask(0, again(1000));
  recurring.ring();
  await clock.advance(2500);
  expect(runsAtMs).toEqual([0, 1000, 2000]);
});

test('whoever rings finds no run begun', async () => {
  const { clock, recurring, runsAtMs, ask, never } = play();
  ask(0, never);
  recurring.ring();
  expect(runsAtMs).toEqual([]);
  await clock.advance(0);
  expect(runsAtMs).toEqual([0]);
});

test('a ring has the moment asked for anew, sooner or later', async () => {
  const { clock, recurring, runsAtMs, ask, never } = play();
  ask(5000, never);
  recurring.ring();
  await clock.advance(1000);
  ask(2000, never);
  recurring.ring();
  await clock.advance(500);
  ask(3000, never);
  recurring.ring();
  await clock.advance(10_000);
  expect(runsAtMs).toEqual([3000]);
});

test('after none was asked for, a ring is what it waits for', async () => {
  const { clock, recurring, runsAtMs, ask, never } = play();
  recurring.ring();
  await clock.advance(1000);
  ask(0, never);
  await clock.advance(1000);
  expect(runsAtMs).toEqual([]);
  recurring.ring();
  await clock.advance(0);
  expect(runsAtMs).toEqual([2000]);
});

test('a ring in the middle of a run begins no second one, and is not lost', async () => {
  const { clock, recurring, runsAtMs, ask, never } = play();
  const first = lasting();
  ask(0, first.run);
  recurring.ring();
  await clock.advance(100);
  ask(200, never);
  recurring.ring();
  await clock.advance(900);
  expect(runsAtMs).toEqual([0]);
  first.end();
  await clock.advance(0);
  expect(runsAtMs).toEqual([0, 1000]);
});

test('end() waits for the run under way, and none follows', async () => {
  const { clock, recurring, runsAtMs, ask, never } = play();
  const first = lasting();
  ask(0, first.run);
  recurring.ring();
  await clock.advance(0);
  ask(0, never);
  let hasEnded = false;
  const ending = recurring.end().then(() => {
    hasEnded = true;
  });
  await clock.advance(100);
  expect(hasEnded).toBe(false);
  first.end();
  await ending;
  recurring.ring();
  await clock.advance(1000);
  expect(runsAtMs).toEqual([0]);
});

test('nothing is run after end(), whatever was waited for', async () => {
  const { clock, recurring, runsAtMs, ask, never } = play();
  ask(1000, never);
  recurring.ring();
  await clock.advance(500);
  await recurring.end();
  await clock.advance(5000);
  expect(runsAtMs).toEqual([]);
});

test('what is thrown is a defect that is told, and the end of it', async () => {
  const { clock, recurring, runsAtMs, defects, ask } = play();
  const defect = new Error('a defect');
  ask(0, () => Promise.reject(defect));
  recurring.ring();
  await clock.advance(0);
  recurring.ring();
  await clock.advance(1000);
  expect(defects).toEqual([defect]);
  expect(runsAtMs).toEqual([0]);
  await recurring.end();
});
