/**
 * The variables of an application's .env files.
 *
 * Invariant: a value is the one that the application's own reader takes from the file, or null where it is
 * made of something that the file does not say. What the server's environment sets goes before it, and is
 * not seen here.
 */
import type { ByteString } from '../../php/byte-string.js';

export interface EnvironmentValue {
  /** Null: not known. */
  readonly value: ByteString | null;
  readonly file: ByteString;
  readonly line: number;
}

export type Environment = ReadonlyMap<string, EnvironmentValue>;

/** The application's reader refuses the file as a whole. */
export class BadEnvironment {
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {}
}
