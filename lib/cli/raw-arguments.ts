/**
 * The command's arguments, byte for byte.
 *
 * Invariant: rawBytes(argument) is what the shell passed, for every argument. Node decodes the
 * arguments as UTF-8 and loses what is not; the kernel still has them in /proc/self/cmdline. An
 * argument that is not UTF-8 becomes text whose bytes above 127 are lone surrogates
 * (U+DC80..U+DCFF), which decoded UTF-8 never has, so it can pass the option parser and be turned back.
 */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { escapePath } from '../index.js';

const surrogateBase = 0xdc00;
const loneByte = /[\uDC80-\uDCFF]/u;

/** The arguments behind `node main.js`, each of them decoded so that rawBytes() can undo it. */
export function commandArguments(): string[] {
  const decoded = process.argv.slice(2);
  return decoded.some((argument) => argument.includes('\uFFFD'))
    ? restoreArguments(decoded, readCommandLine())
    : decoded;
}

/**
 * @param decoded the arguments as Node decoded them
 * @param commandLine /proc/self/cmdline: every argument, Node's own first, with a NUL behind each
 */
export function restoreArguments(decoded: readonly string[], commandLine: Buffer): string[] {
  const raw: Buffer[] = [];
  for (let at = 0; at < commandLine.length; ) {
    const end = commandLine.indexOf(0, at);
    raw.push(commandLine.subarray(at, end < 0 ? commandLine.length : end));
    at = end < 0 ? commandLine.length : end + 1;
  }
  const own = raw.slice(-decoded.length);
  // A process that renamed itself has another command line: then Node's decoding must do.
  const isSame =
    own.length === decoded.length && own.every((bytes, at) => bytes.toString() === decoded[at]);
  return isSame ? own.map(decode) : [...decoded];
}

function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return Array.from(bytes, (byte) =>
    String.fromCharCode(byte < 0x80 ? byte : surrogateBase + byte),
  ).join('');
}

/** The bytes that an argument of commandArguments() was decoded from. */
export function rawBytes(argument: string): Buffer {
  if (!loneByte.test(argument)) return Buffer.from(argument);
  return Buffer.concat(
    Array.from(argument, (character) =>
      loneByte.test(character)
        ? Buffer.of(character.charCodeAt(0) - surrogateBase)
        : Buffer.from(character),
    ),
  );
}

/** An argument, or a text that holds some, for people. */
export function printableArgument(text: string): string {
  return escapePath(rawBytes(text));
}

function readCommandLine(): Buffer {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    // No /proc, as in a bare chroot: Node's decoding must do.
    return Buffer.alloc(0);
  }
}
