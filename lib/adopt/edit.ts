/**
 * sescle.toml as a text that is added to and taken from.
 *
 * Invariant: what is not about the store in question stays byte for byte: order, comments, blank lines.
 * What comes out says what was wanted and nothing else: it is parsed and compared.
 */
import { isDeepStrictEqual } from 'node:util';
import { parse, type TomlTable } from 'smol-toml';
import { SescleError } from '../errors.js';
import { fromBytes } from '../php/byte-string.js';
import { tidyPath } from '../php/paths.js';
import { locateKeys } from '../stores/config/toml-lines.js';
import { parseSavePath } from '../stores/save-path.js';
import { isTableTarget } from '../tables/is-table-target.js';

const mark = '# Adopted by sescle adopt, ';

/**
 * @param lines of each store, from `[[store]]` on
 * @param at the instant, as `2026-11-27T00:45:01Z`: what was adopted together has the same
 */
export function withStores(
  text: string,
  stores: readonly (readonly string[])[],
  at: string,
): string {
  const end = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const blocks = stores.map((lines) => `${mark}${at}\n${lines.join('\n')}\n`);
  return `${end}${end === '' ? '' : '\n'}${blocks.join('\n')}`;
}

/** A `[[store]]` of the text that is a directory. */
export interface WrittenStore {
  readonly index: number;
  /** Its directory, as bytes. */
  readonly directory: string;
  /** When it was adopted; null: by hand. */
  readonly adoptedAt: string | null;
}

/** @param text a valid configuration */
export function storesIn(text: string): WrittenStore[] {
  const document = parse(text);
  const lineOf = locateKeys(text);
  const lines = text.split('\n');
  return storeTables(document).flatMap((table, index) => {
    if (isTableTarget(table)) return [];
    const before = lines[lineOf(['store', index]) - 2] ?? '';
    return [
      {
        index,
        directory: directoryOf(table),
        adoptedAt: before.startsWith(mark) ? before.slice(mark.length).trim() : null,
      },
    ];
  });
}

function directoryOf({ path, save_path: savePath }: TomlTable): string {
  const given = typeof path === 'string' ? Buffer.from(path) : parseSavePath(String(savePath)).path;
  return tidyPath(fromBytes(given));
}

/**
 * The text without one of its stores.
 *
 * @throws SescleError where the store cannot be told from what stands around it
 */
export function withoutStore(text: string, index: number): string {
  const document = parse(text);
  const rest = storeTables(document).filter((_, at) => at !== index);
  const { store: _, ...others } = document;
  const wanted = rest.length === 0 ? others : { ...others, store: rest };
  const lines = text.split('\n');
  const header = locateKeys(text)(['store', index]) - 1;
  const start = header > 0 && lines[header - 1]?.startsWith(mark) ? header - 1 : header;
  if (/^\s*\[\[/.test(lines[header] ?? '')) {
    // The shortest piece that is the whole store: comments behind it may be about what follows.
    for (let end = header + 1; end <= lines.length; end += 1) {
      const left = [...lines.slice(0, start), ...lines.slice(end)];
      if (isDeepStrictEqual(parsed(left.join('\n')), plain(wanted)))
        return tidied(lines, start, end);
    }
  }
  throw new SescleError(`the [[store]] in line ${header + 1} cannot be removed on its own`, {
    code: 'ERR_INVALID_CONFIGURATION',
    remedy: 'take it out by hand',
  });
}

/** Without the blank line that stood between it and what comes before, if one follows too. */
function tidied(lines: readonly string[], start: number, end: number): string {
  const isBlank = (line: string | undefined) => line?.trim() === '';
  const from =
    isBlank(lines[start - 1]) && (isBlank(lines[end]) || end >= lines.length) ? start - 1 : start;
  return [...lines.slice(0, from), ...lines.slice(end)].join('\n');
}

function parsed(text: string): unknown {
  try {
    return plain(parse(text));
  } catch {
    // A piece of a value is left over: not the whole store.
    return undefined;
  }
}

/** The parser's tables have no prototype, which makes them differ from all others. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, plain(own)]));
}

function storeTables(document: TomlTable): TomlTable[] {
  const { store } = document;
  return Array.isArray(store) ? (store as TomlTable[]) : [];
}
