/**
 * The program behind a wrapper that nixpkgs has made (pkgs/build-support/setup-hooks, make-wrapper.sh and
 * make-binary-wrapper.sh): a few lines of shell, or a small program, that set variables and then become
 * the program.
 *
 * Invariant: read as text, never run. A line of another form makes it no wrapper that is known.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters, type Setter } from '../provenance.js';

export interface MadeWrapper {
  /** What it becomes, as it is written. */
  readonly target: ByteString;
  /** What it puts before its own arguments. */
  readonly words: readonly ByteString[];
  /** Variables that it sets where they are not set already. */
  readonly defaults: ReadonlyMap<ByteString, ByteString>;
  /** Variables that it sets whatever they were. */
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly setBy: Setter;
}

const maxBytes = 256 * 1024;
/** One wraps another where a package is built upon another. */
const maxWrappers = 4;

/** @returns null for what is no such wrapper */
export function madeWrapper(tree: FileTree, exe: ByteString): MadeWrapper | null {
  const place = tree.find(exe);
  if (place instanceof Unreadable || !place.stat.isFile() || place.stat.size > maxBytes)
    return null;
  const file = tree.read(exe, maxBytes);
  if (file instanceof Unreadable) return null;
  const found = /^#! ?\/\S*\/bash(?: -e)?\n/.test(file.text)
    ? ofScript(file.text)
    : ofProgram(file.text);
  return found === null ? null : { ...found, setBy: file.setBy };
}

type Found = Omit<MadeWrapper, 'setBy'>;

function ofScript(text: ByteString): Found | null {
  const defaults = new Map<ByteString, ByteString>();
  const environment = new Map<ByteString, ByteString>();
  for (const line of text.split('\n').slice(1)) {
    const byDefault = /^export (\w+)=\$\{\1-'([^']*)'\}\s*$/.exec(line);
    const always = /^export (\w+)='([^']*)'\s*$/.exec(line);
    const start = /^exec -a "\$0" "([^"$`\\]+)"((?: +(?:[\w./=:-]+|'[^']*'))*) +"\$@"\s*$/.exec(
      line,
    );
    if (byDefault !== null) defaults.set(byDefault[1] ?? '', byDefault[2] ?? '');
    else if (always !== null) environment.set(always[1] ?? '', always[2] ?? '');
    else if (start !== null)
      return { target: start[1] ?? '', words: quoted(start[2] ?? ''), defaults, environment };
    else if (!/^(?:\s*#.*|\s*|(?:export )?(?:PATH|LD_LIBRARY_PATH|XDG_DATA_DIRS)\b.*)$/.test(line))
      return null;
  }
  return null;
}

/** makeBinaryWrapper's: a program that holds the command that it was made with. */
function ofProgram(text: ByteString): Found | null {
  const command = /\nmakeCWrapper ('[^']*'(?: \\\n {4}--[a-z\d-]+(?: '[^']*')*)*)\n/.exec(
    text,
  )?.[1];
  if (command === undefined) return null;
  const [target = '', ...options] = command.split(' \\\n    ');
  const defaults = new Map<ByteString, ByteString>();
  const environment = new Map<ByteString, ByteString>();
  const words: ByteString[] = [];
  for (const option of options) {
    const [name = '', first = '', second = ''] = quoted(option);
    if (name === '--set') environment.set(first, second);
    else if (name === '--set-default') defaults.set(first, second);
    else if (name === '--add-flag') words.push(first);
    else if (name === '--add-flags') for (const [word] of first.matchAll(/\S+/g)) words.push(word);
    else if (!/^--(?:prefix|suffix|argv0|inherit-argv0)$/.test(name)) return null;
  }
  return { target: quoted(target)[0] ?? '', words, defaults, environment };
}

function quoted(text: ByteString): ByteString[] {
  return [...text.matchAll(/'([^']*)'|[^\s']+/g)].map(([whole, inner]) => inner ?? whole);
}

/** The program at the end of all wrappers, with what they set together. */
export function behindWrappers(tree: FileTree, exe: ByteString): MadeWrapper | null {
  let found = madeWrapper(tree, exe);
  for (let at = 1; found !== null && at < maxWrappers; at += 1) {
    const next = madeWrapper(tree, found.target);
    if (next === null) return found;
    found = {
      target: next.target,
      words: [...next.words, ...found.words],
      // What the outer one has set is set already.
      defaults: new Map([...next.defaults, ...found.defaults]),
      environment: new Map([...found.environment, ...next.environment]),
      setBy: bothSetters(found.setBy, next.setBy),
    };
  }
  return found;
}
