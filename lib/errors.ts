/**
 * The one error class of the public API.
 *
 * Invariant: every error that sescle raises on purpose is a SescleError; its message is one line
 * that names the thing and the reason, and `remedy`, where there is one, says what to do about it.
 */

/** Codes of sescle's own; every other code is the name of a system error, as `ENOENT`. */
export type SescleErrorCode =
  | 'ERR_ADDON_LOAD'
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_INVALID_CONFIGURATION'
  | 'ERR_INVALID_SAVE_PATH'
  | 'ERR_LIFETIME_UNKNOWN'
  | 'ERR_MAGIC_LINK'
  | 'ERR_STORE_CHANGED'
  | 'ERR_STORE_IS_ROOT'
  | 'ERR_UNSAFE_PATH'
  | (string & {});

export interface SescleErrorDetails {
  readonly code: SescleErrorCode;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  /** For people: bytes that are not printable UTF-8 are escaped. */
  readonly path?: string | undefined;
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

export class SescleError extends Error {
  override readonly name = 'SescleError';
  readonly code: SescleErrorCode;
  /** The system's error number, if a system call failed. */
  readonly errno: number | undefined;
  /** The system call that failed, if one did. */
  readonly syscall: string | undefined;
  readonly path: string | undefined;
  /** What the reader can do about it. */
  readonly remedy: string | undefined;

  constructor(message: string, details: SescleErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.errno = details.errno;
    this.syscall = details.syscall;
    this.path = details.path;
    this.remedy = details.remedy;
  }
}

/**
 * @param name the option or argument
 * @param accepted what it may be, as the end of "it must be ..."
 * @param value what was given, where showing it helps
 */
export function invalidArgument(name: string, accepted: string, value?: unknown): SescleError {
  const isShown = typeof value === 'number' || typeof value === 'string';
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const given = isShown ? `, not ${shown}` : '';
  return new SescleError(`${name} is not valid: it must be ${accepted}${given}`, {
    code: 'ERR_INVALID_ARGUMENT',
    remedy: `correct ${name}`,
  });
}
