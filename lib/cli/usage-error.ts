/**
 * A command line that cannot be obeyed.
 *
 * Invariant: the message is one printable line; the remedy says what to write instead.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}
