/**
 * The steps by which the system's clock was set, and the grace that they ask for.
 *
 * A step forward makes every session older than it is by as much. A session that was written before
 * some of the steps needs the sum of these on top of its lifetime; one that was written after all of
 * them needs nothing. So the grace is the largest sum that any session still alive can need.
 *
 * Invariant: pure. Whether a step is over depends on the lifetime it is asked for, so none is
 * forgotten for a short one: another sweep, of stores with longer lifetimes, may share the memory.
 */

export interface ClockStep {
  /** When it was noticed, in milliseconds since 1970 by the clock as it is now. */
  readonly atMs: number;
  /** Negative for a step back. */
  readonly bySeconds: number;
}

/** More are summed up, so that the memory stays small. */
const mostSteps = 32;

/** The steps and one more, which moved the times of those before it. */
export function withStep(steps: readonly ClockStep[], step: ClockStep): readonly ClockStep[] {
  const before = steps.map(({ atMs, bySeconds }) => ({
    atMs: atMs + step.bySeconds * 1000,
    bySeconds,
  }));
  return bounded([...before, step]);
}

/**
 * @param longestLifetimeSeconds of any session that is asked about, with its store's own grace
 * @returns the seconds to add to every lifetime
 */
export function graceOf(
  steps: readonly ClockStep[],
  nowMs: number,
  longestLifetimeSeconds: number,
): number {
  let sum = 0;
  let grace = 0;
  for (const step of steps.toReversed()) {
    if (nowMs > overAtMs(step, longestLifetimeSeconds)) break;
    sum += step.bySeconds;
    grace = Math.max(grace, sum);
  }
  return grace;
}

/** When the grace may next become less by itself; null: there is none. */
export function graceEndsAtMs(
  steps: readonly ClockStep[],
  nowMs: number,
  longestLifetimeSeconds: number,
): number | null {
  if (graceOf(steps, nowMs, longestLifetimeSeconds) === 0) return null;
  const next = steps.find((step) => nowMs <= overAtMs(step, longestLifetimeSeconds));
  return next === undefined ? null : overAtMs(next, longestLifetimeSeconds) + 1;
}

/** The last of the sessions from before has had its whole lifetime then. */
function overAtMs({ atMs }: ClockStep, longestLifetimeSeconds: number): number {
  return atMs + (longestLifetimeSeconds + 1) * 1000;
}

/** Two steps that become one keep sessions for longer, never shorter. */
function bounded(steps: readonly ClockStep[]): readonly ClockStep[] {
  const [first, second, ...rest] = steps;
  if (first === undefined) return [];
  // What was written before a first step back needs no more than what was written after it.
  if (first.bySeconds <= 0) return bounded(steps.slice(1));
  if (second === undefined || steps.length <= mostSteps) return steps;
  return [{ atMs: second.atMs, bySeconds: first.bySeconds + second.bySeconds }, ...rest];
}
