import { expect, test } from 'vitest';
import { Recurring, type RecurringTask } from '../../../lib/monitor/recurring.js';
import { playedClock } from '../../support/played-clock.js';

interface Played {
  /** Of each run, from the start. */
  readonly runsAtMs: number[];
  readonly defects: unknown[];
  at: number | null;
  run: () => Promise<void>;
}

function play() {
  const clock = playedClock();
  const startMs = clock.now();
  const played: Played = { runsAtMs: [], defects: [], at: null, run: async () => {} };
  const task: RecurringTask = {
    nextAt: () => (played.at === null ? null : startMs + played.at),
    run: async () => {
      played.runsAtMs.push(clock.now() - startMs);
      await played.run();
    },
    onDefect: (thrown) => played.defects.push(thrown),
  };
  const each = (ms: number) => {
    played.at = 0;
    played.run = async () => {
      played.at = (played.at ?? 0) + ms;
    };
  };
  return { clock, played, recurring: new Recurring(clock, task), each };
}

test('a task is run at each moment that it asks for', async () => {
  const { clock, played, recurring, each } = play();
  each(1000);
  recurring.ring();
  await clock.advance(2500);
  expect(played.runsAtMs).toEqual([0, 1000, 2000]);
});

test('whoever rings finds no run begun', async () => {
  const { clock, played, recurring } = play();
  played.at = 0;
  played.run = async () => {
    played.at = null;
  };
  recurring.ring();
  expect(played.runsAtMs).toEqual([]);
  await clock.advance(0);
  expect(played.runsAtMs).toEqual([0]);
});

test('a ring has the moment asked for anew, sooner or later', async () => {
  const { clock, played, recurring } = play();
  played.at = 5000;
  played.run = async () => {
    played.at = null;
  };
  recurring.ring();
  await clock.advance(1000);
  played.at = 2000;
  recurring.ring();
  await clock.advance(500);
  played.at = 3000;
  recurring.ring();
  await clock.advance(10_000);
  expect(played.runsAtMs).toEqual([3000]);
});

test('after none was asked for, a ring is what it waits for', async () => {
  const { clock, played, recurring } = play();
  recurring.ring();
  await clock.advance(1000);
  played.at = 0;
  await clock.advance(1000);
  expect(played.runsAtMs).toEqual([]);
  played.run = async () => {
    played.at = null;
  };
  recurring.ring();
  await clock.advance(0);
  expect(played.runsAtMs).toEqual([2000]);
});

test('a ring in the middle of a run begins no second one, and is not lost', async () => {
  const { clock, played, recurring } = play();
  let endRun = () => {};
  played.at = 0;
  played.run = () =>
    new Promise((resolve) => {
      endRun = resolve;
    });
  recurring.ring();
  await clock.advance(100);
  played.at = 200;
  recurring.ring();
  await clock.advance(900);
  expect(played.runsAtMs).toEqual([0]);
  played.run = async () => {
    played.at = null;
  };
  endRun();
  await clock.advance(0);
  expect(played.runsAtMs).toEqual([0, 1000]);
});

test('end() waits for the run under way, and none follows', async () => {
  const { clock, played, recurring } = play();
  let endRun = () => {};
  played.at = 0;
  played.run = () =>
    new Promise((resolve) => {
      endRun = resolve;
    });
  recurring.ring();
  await clock.advance(0);
  let hasEnded = false;
  const ending = recurring.end().then(() => {
    hasEnded = true;
  });
  await clock.advance(100);
  expect(hasEnded).toBe(false);
  endRun();
  await ending;
  recurring.ring();
  await clock.advance(1000);
  expect(played.runsAtMs).toEqual([0]);
});

test('nothing is run after end(), whatever was waited for', async () => {
  const { clock, played, recurring } = play();
  played.at = 1000;
  recurring.ring();
  await clock.advance(500);
  await recurring.end();
  await clock.advance(5000);
  expect(played.runsAtMs).toEqual([]);
});

test('what is thrown is a defect that is told, and the end of it', async () => {
  const { clock, played, recurring } = play();
  const defect = new Error('a defect');
  played.at = 0;
  played.run = () => Promise.reject(defect);
  recurring.ring();
  await clock.advance(0);
  recurring.ring();
  await clock.advance(1000);
  expect(played.defects).toEqual([defect]);
  expect(played.runsAtMs).toEqual([0]);
  await recurring.end();
});
