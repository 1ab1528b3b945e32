/**
 * The sections of one file that are open where it is being read, the file itself first.
 *
 * Invariant: an end without a beginning costs nothing, however many are open.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Source } from '../provenance.js';
import type { Directive } from './directive.js';

/** What a line stands in. */
export interface Frame {
  /** A section's or condition's name; '' for the file itself. */
  readonly name: ByteString;
  readonly children: Directive[];
  readonly isActive: boolean;
  readonly isCertain: boolean;
  readonly source: Source;
  readonly setBy: Setter;
  readonly nesting: number;
}

export function topFrame(source: Source): Frame {
  return { name: '', children: [], isActive: true, isCertain: true, source, setBy: 0, nesting: 0 };
}

export class OpenSections {
  readonly #frames: [Frame, ...Frame[]];
  /** How many are open of each name. */
  readonly #counts = new Map<ByteString, number>();

  constructor(top: Frame) {
    this.#frames = [{ ...top, name: '' }];
  }

  get frame(): Frame {
    return this.#frames.at(-1) ?? this.#frames[0];
  }

  get open(): readonly Frame[] {
    return this.#frames.slice(1);
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#counts.set(frame.name, (this.#counts.get(frame.name) ?? 0) + 1);
  }

  close(name: ByteString): 'the last' | 'not the last' | 'not open' {
    if ((this.#counts.get(name) ?? 0) === 0) return 'not open';
    for (let count = 1; ; count += 1) {
      const frame = this.#frames.pop() as Frame;
      this.#counts.set(frame.name, (this.#counts.get(frame.name) ?? 0) - 1);
      if (frame.name === name) return count === 1 ? 'the last' : 'not the last';
    }
  }
}
