/**
 * What the parts of an ini value come to: escapes in quotes, bit operators, constants.
 *
 * Invariant: numbers are C's `int`, as in zend_ini_do_op() (Zend/zend_ini_parser.y).
 */
import type { ByteString } from '../byte-string.js';

/** `\"`, `\\` and `\$` lose their backslash, all others keep it (zend_ini_escape_string). */
export function unescapeQuoted(text: ByteString): ByteString {
  return text.replace(/\\([\s\S])/g, (sequence, character: string) =>
    character === '"' || character === '\\' || character === '$' ? character : sequence,
  );
}

export type Operator = '|' | '&' | '^' | '~' | '!';

/** One operator's result, as text; `~` and `!` take one operand. */
export function operate(operator: Operator, left: ByteString, right: ByteString = ''): ByteString {
  return String(compute(operator, toInt(left), toInt(right)));
}

function compute(operator: Operator, left: number, right: number): number {
  switch (operator) {
    case '|':
      return left | right;
    case '&':
      return left & right;
    case '^':
      return left ^ right;
    case '~':
      return ~left;
    case '!':
      return left === 0 ? 1 : 0;
  }
}

const maxLong = 2n ** 63n - 1n;

/** A number that is certainly less than 2^53. */
const shortNumber = /^-?\d{1,15}$/;

/** glibc's atoi(): strtol(), which stops at the ends of its range, cut down to 32 bits. */
function toInt(text: ByteString): number {
  // Most are: what an operator gave, in a long row of them.
  if (shortNumber.test(text)) return Number(text) | 0;
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)0*(\d*)/.exec(text) ?? [];
  // More digits than any 64-bit number has only say that it is too large, and would take long.
  const number = BigInt(`${sign === '-' ? '-' : ''}${(digits ?? '').slice(0, 20) || '0'}`);
  const long = number > maxLong ? maxLong : number < -maxLong - 1n ? -maxLong - 1n : number;
  return Number(BigInt.asIntN(32, long));
}

/**
 * The constants that PHP knows when it reads php.ini and that are the same everywhere on 64-bit
 * Linux. Others (PHP_VERSION, paths) depend on the build: `ask` can learn them, and without it the
 * word stays as it is.
 */
const constants: ReadonlyMap<ByteString, ByteString> = new Map([
  ['E_ERROR', '1'],
  ['E_WARNING', '2'],
  ['E_PARSE', '4'],
  ['E_NOTICE', '8'],
  ['E_CORE_ERROR', '16'],
  ['E_CORE_WARNING', '32'],
  ['E_COMPILE_ERROR', '64'],
  ['E_COMPILE_WARNING', '128'],
  ['E_USER_ERROR', '256'],
  ['E_USER_WARNING', '512'],
  ['E_USER_NOTICE', '1024'],
  ['E_STRICT', '2048'],
  ['E_RECOVERABLE_ERROR', '4096'],
  ['E_DEPRECATED', '8192'],
  ['E_USER_DEPRECATED', '16384'],
  ['E_ALL', '32767'],
  ['PHP_OS', 'Linux'],
  ['PHP_OS_FAMILY', 'Linux'],
  ['PHP_SHLIB_SUFFIX', 'so'],
  ['PHP_EOL', '\n'],
  ['PHP_MAXPATHLEN', '4096'],
  ['PHP_INT_MAX', '9223372036854775807'],
  ['PHP_INT_MIN', '-9223372036854775808'],
  ['PHP_INT_SIZE', '8'],
]);

const special: ReadonlyMap<string, ByteString> = new Map([
  ['true', '1'],
  ['false', ''],
  ['null', ''],
]);

/** A constant's value as text; undefined for words that are none. */
export function knownConstant(name: ByteString): ByteString | undefined {
  return constants.get(name) ?? special.get(name.toLowerCase());
}

/** A bare word that may be a constant of some extension. */
export function isLikeConstant(name: ByteString): boolean {
  return /^[A-Z][A-Z0-9]*_[A-Z0-9_]*$/.test(name);
}
