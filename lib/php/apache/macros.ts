/**
 * mod_macro (httpd, modules/core/mod_macro.c): texts with parameters, which `Use` puts in its place.
 *
 * Invariant: a text that is put in place is no longer than Apache's own buffer lets it be, and its
 * cost counts against the budget of the user who could have written it.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Source } from '../provenance.js';
import { type ConfigLine, splitWords, takeWord } from './config-lines.js';

/** MAX_STRING_LEN, the NUL at the end among them. */
const maxLineBytes = 8192;

/** What each use costs, be its text as short as it may. */
const useBytes = 1024;

export interface Macro {
  readonly parameters: readonly ByteString[];
  readonly lines: readonly { readonly text: ByteString; readonly source: Source }[];
  readonly setBy: Setter;
}

/** By lower-cased name. */
export type Macros = Map<ByteString, Macro>;

/** The name and the parameters of `<Macro …>`. */
export function macroHeader(args: ByteString): { name: ByteString; parameters: ByteString[] } {
  const [name = '', ...parameters] = splitWords(args);
  while (parameters[0]?.startsWith('/Ignore')) parameters.shift();
  return { name: name.toLowerCase(), parameters };
}

/** How many macros are open after a line of a macro's text. */
export function macroNesting({ text }: ConfigLine, open: number): number {
  const word = takeWord(text).word.toLowerCase();
  if (word === '</macro>') return open - 1;
  return word === '<macro' ? open + 1 : open;
}

/**
 * @param pays told how many bytes were looked at; false where the allowance is used up
 * @returns the lines, or why there are none
 */
export function expandMacro(
  { parameters, lines }: Macro,
  values: readonly ByteString[],
  pays: (bytes: number) => boolean,
): { readonly texts: readonly ByteString[] } | { readonly problem: string } {
  if (values.length !== parameters.length)
    return { problem: `takes ${parameters.length} arguments, not ${values.length}` };
  const texts: ByteString[] = [];
  if (!pays(useBytes)) return { problem: 'is used too often' };
  for (const { text } of lines) {
    if (!pays(text.length)) return { problem: 'becomes too long' };
    const substituted = substitute(text, parameters, values, pays);
    if (substituted === undefined) return { problem: 'becomes too long' };
    texts.push(substituted);
  }
  return { texts };
}

function substitute(
  line: ByteString,
  parameters: readonly ByteString[],
  values: readonly ByteString[],
  pays: (bytes: number) => boolean,
): ByteString | undefined {
  let text = line;
  for (let at = 0; ; ) {
    const found = nextParameter(text, parameters, at);
    if (found === undefined) return text;
    const parameter = parameters[found.index] ?? '';
    const value = values[found.index] ?? '';
    const isQuoted = parameter.startsWith('@') && parameter !== value;
    const written = isQuoted ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
    text = text.slice(0, found.at) + written + text.slice(found.at + parameter.length);
    if (text.length >= maxLineBytes || !pays(text.length)) return undefined;
    // Not the quoted text's length: what Apache skips.
    at = found.at + value.length;
  }
}

/** The first, and of those in one place the longest. */
function nextParameter(
  text: ByteString,
  parameters: readonly ByteString[],
  from: number,
): { at: number; index: number } | undefined {
  let chosen: { at: number; index: number; length: number } | undefined;
  for (const [index, { length }] of parameters.entries()) {
    const at = length === 0 ? -1 : text.indexOf(parameters[index] ?? '', from);
    if (at < 0) continue;
    if (chosen === undefined || at < chosen.at || (at === chosen.at && length > chosen.length))
      chosen = { at, index, length };
  }
  return chosen;
}
