/**
 * `session.save_path` as PHP's `files` handler splits it: `/path`, `N;/path` or `N;MODE;/path`.
 *
 * Invariant: what is accepted here means the same to PHP. Only the first two `;` split (PHP,
 * ext/session/mod_files.c, PS_OPEN_FUNC(files)), so a path may contain more of them. PHP reads
 * numbers with strtol(): white space and a `+` before them, white space behind them and nothing at all
 * (0) are taken here too. Other garbage is refused, since sweeping another directory or depth than was
 * meant is worse than sweeping none.
 */
import { SescleError } from '../errors.js';
import { escapePath } from '../text/escape-path.js';

export interface SavePath {
  /** The directory as it was written: absolute or relative, never empty, never with a NUL. */
  readonly path: Buffer;
  /** How many levels of one-character directories lie between `path` and the sessions. */
  readonly depth: number;
  /** The permissions that PHP gives to new session files, if the save path says so. */
  readonly mode: number | null;
  /** The whole save path, for people. */
  readonly text: string;
}

/** A deeper tree would need longer names than a file system has: `sess_` and an ID of 255 bytes. */
export const maxDepth = 249;

const separator = 0x3b;

/**
 * Splits a save path.
 *
 * @param savePath what PHP's session.save_path holds; a Buffer where it is not UTF-8
 * @throws SescleError ERR_INVALID_SAVE_PATH with a remedy
 */
export function parseSavePath(savePath: string | Uint8Array): SavePath {
  const bytes = Buffer.from(savePath as Uint8Array);
  const text = escapePath(bytes);
  if (bytes.length === 0) {
    throw invalid(
      text,
      'the save path is empty',
      "give the directory that PHP's session.save_path names",
    );
  }
  if (bytes.includes(0)) {
    throw invalid(text, `save path '${text}' contains a NUL byte`, 'give the path without it');
  }
  const fields = split(bytes);
  const path = fields.at(-1) ?? bytes;
  const depth = fields.length > 1 ? parseDepth(text, fields[0] ?? bytes) : 0;
  const mode = fields.length > 2 ? parseMode(text, fields[1] ?? bytes) : null;
  checkDirectory(text, path, fields.length);
  return { path, depth, mode, text };
}

/** Splits at the first two `;`. */
function split(bytes: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let start = 0;
  while (fields.length < 2) {
    const end = bytes.indexOf(separator, start);
    if (end < 0) break;
    fields.push(bytes.subarray(start, end));
    start = end + 1;
  }
  fields.push(bytes.subarray(start));
  return fields;
}

function parseDepth(text: string, field: Buffer): number {
  const digits = field.toString('latin1');
  const depth = numberIn(digits, /^[0-9]+$/, 10);
  if (depth >= 0 && depth <= maxDepth) return depth;
  throw invalid(
    text,
    `save path '${text}': the depth '${escapePath(field)}' is not a number from 0 to ${maxDepth}`,
    "write DEPTH;/path, as '2;/path'; a path that itself contains ; needs 0;0600; before it",
  );
}

/** As strtol(); NaN for what it would take a part of. */
function numberIn(field: string, digits: RegExp, radix: number): number {
  const text = field.trim().replace(/^\+(?=[0-9])/, '');
  if (text === '') return 0;
  return digits.test(text) ? Number.parseInt(text, radix) : Number.NaN;
}

function parseMode(text: string, field: Buffer): number {
  const digits = field.toString('latin1');
  const mode = numberIn(digits, /^[0-7]+$/, 8);
  if (mode >= 0 && mode <= 0o7777) return mode;
  throw invalid(
    text,
    `save path '${text}': the mode '${escapePath(field)}' is not an octal number up to 7777`,
    "write DEPTH;MODE;/path, as '2;0600;/path'",
  );
}

function checkDirectory(text: string, path: Buffer, fieldCount: number): void {
  if (path.length === 0) {
    throw invalid(
      text,
      `save path '${text}' names no directory`,
      `write the directory after the last ;, as '${text}/path'`,
    );
  }
  // An unquoted `2;/path` reaches us as `2`: the shell takes the `;` for itself.
  const digits = path.toString('latin1');
  if (!/^[0-9]+$/.test(digits)) return;
  const before = fieldCount > 1 ? text : digits;
  throw invalid(
    text,
    `save path '${text}' names no directory, only ${fieldCount > 1 ? 'numbers' : 'a number'}`,
    `in a shell quote the ; as in '${before};/path' (for a directory called ${digits} write ./${digits})`,
  );
}

function invalid(text: string, reason: string, remedy: string): SescleError {
  return new SescleError(reason, { code: 'ERR_INVALID_SAVE_PATH', path: text, remedy });
}
