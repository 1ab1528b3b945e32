/**
 * What an ini file holds once it is taken apart: the contract between the grammar and its readers
 * (php.ini and scan directories, FPM's pools, .user.ini).
 *
 * Invariant: entries are in the order of the file; nothing is merged or dropped here.
 */
import type { ByteString } from '../byte-string.js';

export interface IniEntry {
  /** The text between the brackets of the section that it stands in; null before the first. */
  readonly section: ByteString | null;
  readonly key: ByteString;
  /** `key[offset] = value`: the offset, '' for `key[]`; null where there are no brackets. */
  readonly offset: ByteString | null;
  /** As PHP's ZEND_INI_SCANNER_NORMAL gives it: quotes taken off, constants and `${…}` resolved. */
  readonly value: ByteString;
  readonly line: number;
}

/** What `${NAME}` and bare constants stand for. */
export interface IniContext {
  /** `${NAME}`: a setting that was made before, or an environment variable. */
  readonly variable: (name: ByteString) => ByteString | undefined;
  /** A bare word that is a constant, as `E_ALL`; undefined leaves the word as it is. */
  readonly constant: (name: ByteString) => ByteString | undefined;
  /** Told of each entry as soon as it is complete, so that a later `${…}` can find it. */
  readonly entered?: (entry: IniEntry) => void;
  /** Told of each section as it begins, those without entries too: they matter to PHP. */
  readonly sectionBegan?: (name: ByteString) => void;
}

export interface ParsedIni {
  readonly entries: readonly IniEntry[];
  /** PHP stops at a syntax error, and keeps what stood before it. */
  readonly error: {
    readonly line: number;
    readonly message: string;
    /** It is our own bound: PHP may read on, and what follows is not known. */
    readonly isLimit?: true;
  } | null;
}

/** The grammar's one function, in ./parse-ini.ts: `parseIni(text, context)`. */
export type ParseIni = (text: ByteString, context: IniContext) => ParsedIni;
