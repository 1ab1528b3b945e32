/**
 * What people are told of sessions that a strict sweep set aside and did not come back to.
 */
import { plural } from './count.js';

/**
 * @param store where they lie, printable
 * @param sessions how many
 */
export function setAsideText(store: string, sessions: number): string {
  const verb = sessions === 1 ? 'lies' : 'lie';
  return `${store}: ${plural(sessions, 'session')} ${verb} under a private name (.scl...) where PHP cannot find it, left by an interrupted strict sweep; run sescle sweep --strict to restore the names`;
}
