/**
 * Why something could not be read, as a value.
 *
 * Invariant: only a mistake of ours is thrown.
 */
import type { Setter } from './provenance.js';

/** Why something could not be read: an error's code, as `ENOENT`, or a reason of ours. */
export class Unreadable {
  constructor(
    readonly reason: string,
    /** Who could have written what stands there, as far as the way to it was gone; undefined: not known. */
    readonly setBy?: Setter,
  ) {}

  /** It is simply not there. */
  get isMissing(): boolean {
    return this.reason === 'ENOENT' || this.reason === 'ENOTDIR';
  }

  /** The kernel opens it for nobody, PHP among them: nothing is lost by not reading it. */
  get isClosedToAll(): boolean {
    return this.isMissing || this.reason === 'ELOOP' || this.reason === 'ENAMETOOLONG';
  }
}

/** A system error as a value. */
export function attempt<T>(call: () => T): T | Unreadable {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return new Unreadable(code);
  }
}
