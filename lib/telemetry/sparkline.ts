/**
 * A line without axes, an SVG as high as a line of text: how a number went.
 *
 * Invariant: an unknown value is a gap, never a 0; a screen reader gets the line in words.
 */
import { largest } from '../largest.js';
import { formatCount } from '../text/count.js';
import { formatDuration } from '../text/duration.js';
import { type Html, html } from './html.js';

const width = 90;
const height = 20;
const margin = 2;
const mostPoints = 45;

export interface Points {
  readonly atMs: readonly number[];
  readonly values: readonly (number | null)[];
}

/**
 * @param what the numbers are of, as `sessions`
 * @returns nothing where fewer than two are known
 */
export function sparkline({ atMs, values }: Points, what: string): Html | [] {
  const known = values.filter((value) => value !== null);
  const [first] = known;
  const last = known.at(-1);
  if (known.length < 2 || first === undefined || last === undefined) return [];
  const high = largest(known, (value) => value, first);
  const low = -largest(known, (value) => -value, -first);
  const begin = atMs[0] ?? 0;
  const span = (atMs.at(-1) ?? 0) - begin;
  const x = (at: number) => tenths(((atMs[at] ?? 0) - begin) / span, margin, width - margin);
  const y = (value: number) =>
    low === high
      ? String(height / 2)
      : tenths((value - low) / (high - low), height - margin, margin);
  const lines: string[][] = [[]];
  for (const [at, value] of thinned(values)) {
    if (value === null) lines.push([]);
    else lines.at(-1)?.push(`${x(at)} ${y(value)}`);
  }
  const path = lines
    .flatMap((points) => (points.length < 2 ? [] : `M${points.join('L')}`))
    .join('');
  const label = `${what}: ${formatCount(first)} ${formatDuration(Math.round(span / 1000), 1)} ago, ${formatCount(last)} now; ${formatCount(low)} to ${formatCount(high)}`;
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><title>${label}</title><path class="line" d="${path}"/></svg>`;
}

/** As many as can be told apart; the last is always one of them. */
function thinned(values: Points['values']): (readonly [number, number | null])[] {
  const step = Math.ceil(values.length / mostPoints);
  return values.flatMap((value, at) =>
    (values.length - 1 - at) % step === 0 ? [[at, value] as const] : [],
  );
}

/** The place of a share between two ends, with a decimal where it has one. */
function tenths(share: number, from: number, to: number): string {
  return String(Number((from + share * (to - from)).toFixed(1)));
}
