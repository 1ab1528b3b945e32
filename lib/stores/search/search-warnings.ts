/**
 * What a search did not see.
 *
 * Invariant: a hostile tree cannot make it long: of each kind the first few are told, the rest
 * counted.
 */
import { constants } from 'node:os';
import { type ByteString, printable } from '../../php/byte-string.js';
import type { Warning } from '../../php/provenance.js';
import { systemReason } from '../../text/system-reason.js';

const maxToldOfAKind = 10;

interface Kind {
  readonly told: string[];
  more: number;
}

export class SearchWarnings {
  readonly #kinds = new Map<string, Kind>();

  /** @param reason why this directory was not searched; what has the same reason is of one kind */
  add(directory: ByteString, reason: string): void {
    const kind = this.#kinds.get(reason) ?? { told: [], more: 0 };
    this.#kinds.set(reason, kind);
    if (kind.told.length < maxToldOfAKind) {
      kind.told.push(`${printable(directory)} was not searched: ${reason}`);
    } else {
      kind.more += 1;
    }
  }

  /** Adds a system call's failure; anything else is thrown on. */
  addFailure(directory: ByteString, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const errno = constants.errno[code as keyof typeof constants.errno] ?? 0;
    this.add(directory, systemReason(errno, code));
  }

  list(): Warning[] {
    return [...this.#kinds].flatMap(([reason, { told, more }]) => {
      const rest = more === 0 ? [] : [`${more} more were not searched: ${reason}`];
      return [...told, ...rest].map((message) => ({ message }));
    });
  }
}
