/**
 * In one line: that lifetimes may be longer than is known, why, and what would settle it.
 *
 * Invariant: the same words in the log and on the page.
 */

interface Doubt {
  readonly uids: readonly number[] | null;
  readonly reasons: readonly string[];
  readonly remedy: string;
}

export function doubtText({ uids, reasons, remedy }: Doubt): string {
  const whose = uids === null ? '' : ` of ${uidsText(uids)}`;
  const [first = 'unknown reason', ...rest] = reasons;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `expired sessions${whose} are kept, because their real lifetime may be longer: ${first}${more}; to fix: ${remedy}`;
}

const mostTold = 5;

function uidsText(uids: readonly number[]): string {
  const rest = uids.length - mostTold;
  return `uid ${uids.slice(0, mostTold).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
