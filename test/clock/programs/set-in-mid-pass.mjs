/**
 * Sets the (movable) clock at random moments of sweeps, or of a running monitor, over 50 stores into which
 * sessions are written all the while, and tells in one line of JSON what became of them.
 *
 * Each session's true age goes by the clock that nobody sets; its file has the time that the system's
 * clock showed when it was written, as a kernel's would.
 *
 * usage: set-in-mid-pass.mjs LIBRARY DIRECTORY sweep|monitor TRIALS SEED
 */
import {
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const [, , libraryUrl, directory, kind, trialsText, seedText] = process.argv;
const { sweep, watch } = await import(libraryUrl);

const lifetime = 1440;
const stores = Array.from({ length: 50 }, (_, at) => `${directory}/store${at}`);
const steps = [7_200_000, -7_200_000, 30_000, -30_000];
/** Seconds since each was written when the trial begins. */
const ages = [2, 700, 1300, lifetime - 12, lifetime + 3, 1600, 3000, 10_000];
const clockFile = openSync(process.env.MOVABLE_CLOCK, 'r+');

let aheadMs = 0;
let state = Number(seedText) | 1;
/** mulberry32 */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function setClock(byMs) {
  aheadMs += byMs;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(aheadMs));
  writeSync(clockFile, bytes, 0, 8, 0);
}

const trueMs = () => Date.now() - aheadMs;

let count = 0;
/** As PHP would have `ageSeconds` ago, by the clock as it was then. */
function write(store, ageSeconds) {
  count += 1;
  const path = `${store}/sess_${count}`;
  writeFileSync(path, '');
  const writtenMs = trueMs() - ageSeconds * 1000;
  utimesSync(path, (writtenMs + aheadMs) / 1000, (writtenMs + aheadMs) / 1000);
  return { path, writtenMs };
}

const trueAge = ({ writtenMs }) => (trueMs() - writtenMs) / 1000;

/** Whether it must have gone: due by its true age, and by the clock as it is now. */
function isDue(session, stepMs) {
  const byClock = trueAge(session) + Math.min(session.isNew ? 0 : stepMs, 0) / 1000;
  return byClock > lifetime + 2;
}

const tally = { trials: 0, sessions: 0, lost: 0, due: 0, left: 0, within: 0, incomplete: 0 };

async function trial(stepMs) {
  for (const store of stores) {
    rmSync(store, { recursive: true, force: true });
    mkdirSync(store, { recursive: true });
  }
  const sessions = stores.flatMap((store) => ages.map((age) => write(store, age)));
  const writeSome = () => {
    for (const store of stores) sessions.push({ ...write(store, 0), isNew: true });
  };
  await (kind === 'sweep' ? sweepTrial : monitorTrial)(stepMs, writeSome, sessions);
  tally.trials += 1;
  tally.sessions += sessions.length;
  for (const session of sessions) {
    if (trueAge(session) <= lifetime && !existsSync(session.path)) tally.lost += 1;
    if (!isDue(session, stepMs)) continue;
    tally.due += 1;
    if (existsSync(session.path)) tally.left += 1;
  }
}

async function sweepTrial(stepMs, writeSome) {
  const stateDirectory = `${directory}/state`;
  rmSync(stateDirectory, { recursive: true, force: true });
  // The rate stretches some trials; the moment is anywhere within, or just before or after.
  const isSlow = random() < 0.5;
  const maxRemovalsPerSecond = isSlow ? 1000 : undefined;
  const options = {
    maxLifetimeSeconds: lifetime,
    stateDirectory,
    threads: random() < 0.5 ? 1 : 2,
    strict: random() < 0.2,
    maxRemovalsPerSecond,
  };
  const empty = `${directory}/empty`;
  mkdirSync(empty, { recursive: true });
  await sweep([empty], options);
  writeSome();
  let hasEnded = false;
  const swept = sweep(stores, options).finally(() => {
    hasEnded = true;
  });
  const step = (async () => {
    await pause(random() * (isSlow ? 240 : 20));
    setClock(stepMs);
    writeSome();
    if (!hasEnded) tally.within += 1;
  })();
  const { complete } = await swept;
  if (!complete) tally.incomplete += 1;
  await step;
  await sweep(stores, options);
}

async function monitorTrial(stepMs, writeSome, sessions) {
  const monitor = await watch(stores, { maxLifetimeSeconds: lifetime });
  writeSome();
  await pause(random() * 60);
  setClock(stepMs);
  writeSome();
  const untilMs = performance.now() + 20_000;
  const isSomeLeft = () => sessions.some((one) => isDue(one, stepMs) && existsSync(one.path));
  while (isSomeLeft() && performance.now() < untilMs) await pause(20);
  await monitor.stop();
}

for (let at = 0; at < Number(trialsText); at += 1) await trial(steps[at % steps.length]);
console.log(JSON.stringify(tally));
