/**
 * Sweeps one store again and again while it is attacked, in a process of its own: a sweep that hangs
 * is ended from outside, and a mount namespace can be entered.
 *
 *   node sweep-again-and-again.mjs '{"library":URL,"savePath":…,"lifetimeSeconds":…,"strict":…,
 *                                    "forMs":…,"until":[…],"giveUpAfterMs":…}'
 *
 * It goes on for the time, and then until everything in `until` has happened: verdicts, directories
 * that were left alone, codes of refusals. One line of JSON tells what did.
 */
const order = JSON.parse(process.argv[2]);
const { library, savePath, lifetimeSeconds, strict, forMs, until, giveUpAfterMs } = order;
const { skipReasons, sweep } = await import(library);

const happened = new Map();
const unbalanced = [];
const errors = new Map();
let sweeps = 0;
let slowestMs = 0;

function count(what, times = 1) {
  if (times > 0) happened.set(what, (happened.get(what) ?? 0) + times);
}

function note(report) {
  const [store] = report.stores;
  for (const counts of [store, report.totals]) {
    const { scanned, live, removed, wouldRemove, vanished, skipped } = counts;
    const skips = skipReasons.reduce((sum, reason) => sum + skipped[reason], 0);
    if (scanned !== live + removed + wouldRemove + vanished + skips) unbalanced.push(counts);
  }
  for (const name of ['scanned', 'live', 'removed', 'removedByWatch', 'vanished'])
    count(name, store[name]);
  for (const [reason, times] of Object.entries(store.skipped)) count(reason, times);
  for (const [reason, times] of Object.entries(store.skippedDirectories))
    count(`directory:${reason}`, times);
  if (!report.complete) count('incomplete');
  for (const { code, syscall, count: times } of store.errors) {
    const kind = `${code} ${syscall}`;
    errors.set(kind, (errors.get(kind) ?? 0) + times);
  }
}

function missing() {
  return until.filter((what) => !happened.has(what));
}

function isToGoOn(elapsedMs) {
  return elapsedMs < forMs || (elapsedMs < giveUpAfterMs && missing().length > 0);
}

const startedAtMs = performance.now();
do {
  const begunAtMs = performance.now();
  try {
    note(await sweep(savePath, { maxLifetimeSeconds: lifetimeSeconds, strict }));
  } catch (error) {
    if (error.name !== 'SescleError') throw error;
    count(error.code);
  }
  sweeps += 1;
  slowestMs = Math.max(slowestMs, performance.now() - begunAtMs);
} while (isToGoOn(performance.now() - startedAtMs));

console.log(
  JSON.stringify({
    sweeps,
    slowestMs: Math.round(slowestMs),
    happened: Object.fromEntries(happened),
    errors: Object.fromEntries(errors),
    missing: missing(),
    unbalanced,
  }),
);
