/**
 * The words of a systemd unit's settings: quotes, the unit's specifiers, and variables
 * (systemd.syntax(7), systemd.unit(5), systemd.service(5)).
 *
 * Invariant: null for what is not understood here, never a part that could be misread.
 */
import type { ByteString } from '../byte-string.js';

/** @returns null where a word holds an escape, or a quote that does not end */
export function wordsOf(text: ByteString): ByteString[] | null {
  if (text.includes('\\')) return null;
  const words: ByteString[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (word === '"' || word === "'") return null;
    words.push(
      word.replace(/"([^"]*)"|'([^']*)'/g, (_, double = '', single = '') => double + single),
    );
  }
  return words;
}

/** @returns the word with the unit's names in it; null for other specifiers */
export function withSpecifiers(word: ByteString, unit: ByteString): ByteString | null {
  const [, stem = '', prefix = '', instance = ''] =
    /^(([^@]*)(?:@(.*))?)\.service$/s.exec(unit) ?? [];
  const values: Readonly<Record<string, ByteString>> = {
    '%': '%',
    n: unit,
    N: stem,
    p: prefix,
    i: instance,
    I: unescaped(instance),
  };
  let isKnown = true;
  const text = word.replace(/%(.?)/gs, (_, letter: string) => {
    isKnown &&= Object.hasOwn(values, letter);
    return values[letter] ?? '';
  });
  return isKnown ? text : null;
}

/** As `systemd-escape --unescape` does. */
function unescaped(text: ByteString): ByteString {
  return text
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
}

/** Variables that systemd itself gives to services (systemd.exec(5)), with values that are not known. */
const systemds =
  /^(?:PATH|LANG|LANGUAGE|LC_\w+|HOME|USER|LOGNAME|SHELL|TERM|\w+_DIRECTORY|\w+PID|INVOCATION_ID|NOTIFY_SOCKET|LISTEN_\w+|WATCHDOG_\w+|JOURNAL_STREAM|MEMORY_PRESSURE_\w+|SYSTEMD_\w+|XDG_\w+)$/;

/**
 * Puts variables into the words of a command: `$NAME` that is a word becomes the words of its value,
 * `${NAME}` in a word becomes its value, `$$` a dollar. One that is not set is nothing.
 */
export function withVariables(
  words: readonly ByteString[],
  environment: ReadonlyMap<ByteString, ByteString>,
): ByteString[] | null {
  const expanded: ByteString[] = [];
  for (const word of words) {
    const name = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (name !== undefined) {
      if (!environment.has(name) && systemds.test(name)) return null;
      const values = wordsOf(environment.get(name) ?? '');
      if (values === null) return null;
      for (const value of values) expanded.push(value);
      continue;
    }
    let isKnown = !word.replace(/\$\$|\$\{[A-Za-z_]\w*\}/g, '').includes('$');
    const text = word.replace(/\$\$|\$\{(\w+)\}/g, (_, inner?: string) => {
      if (inner === undefined) return '$';
      isKnown &&= environment.has(inner) || !systemds.test(inner);
      return environment.get(inner) ?? '';
    });
    if (!isKnown) return null;
    expanded.push(text);
  }
  return expanded;
}

/**
 * Reads the text of an EnvironmentFile=: lines of `NAME=VALUE`, the value bare or in quotes.
 *
 * @returns null where there is anything else but comments
 */
export function environmentFile(text: ByteString): Map<ByteString, ByteString> | null {
  const environment = new Map<ByteString, ByteString>();
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) {
      // A comment goes on behind a backslash at its end.
      if (trimmed.endsWith('\\')) return null;
      continue;
    }
    const found = /^([A-Za-z_]\w*)=\s*(?:"([^"\\]*)"|'([^'\\]*)'|([^\s"'\\][^"'\\]*)?)$/.exec(
      trimmed,
    );
    if (found === null) return null;
    const [, name = '', double, single, bare] = found;
    environment.set(name, double ?? single ?? bare ?? '');
  }
  return environment;
}
