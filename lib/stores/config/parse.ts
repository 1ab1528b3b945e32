/**
 * A configuration file's text, read and checked.
 *
 * Invariant: either all of it is obeyed or none of it: one problem anywhere makes an error that
 * tells of all of them.
 */
import { isUtf8 } from 'node:buffer';
import { parse, TomlError, type TomlTable } from 'smol-toml';
import type { z } from 'zod';
import { type ByteString, printable, toBytes } from '../../php/byte-string.js';
import { isWithin, tidyPath } from '../../php/paths.js';
import type { Source } from '../../php/provenance.js';
import { isTableTarget } from '../../tables/is-table-target.js';
import {
  type Configuration,
  type Configured,
  defaultConfiguration,
  type StoreEntry,
  type TableEntry,
} from './configuration.js';
import { configurationError, type Problem, schemaProblems } from './problems.js';
import { documentFields, storeFields, tableFields } from './schema.js';
import { storeEntry } from './store-entry.js';
import { tableEntry } from './table-entry.js';
import { type KeyPath, type LineOf, locateKeys } from './toml-lines.js';

/** Tables within tables; ours are three deep. */
const maxNesting = 20;

/**
 * @param bytes the file's content
 * @param file its path, for messages and provenance
 * @throws SescleError ERR_INVALID_CONFIGURATION, with every problem as `FILE:LINE: …`
 */
export function parseConfiguration(bytes: ByteString, file: ByteString): Configuration {
  const text = decode(bytes, file);
  const document = parseToml(text, file);
  return new Reading(document, locateKeys(text), file).read();
}

class Reading {
  readonly #problems: Problem[] = [];

  constructor(
    readonly document: TomlTable,
    readonly lineOf: LineOf,
    readonly file: ByteString,
  ) {}

  read(): Configuration {
    const checked = documentFields.safeParse(this.document);
    if (!checked.success) {
      this.#note(schemaProblems(checked.error.issues, this.document, [], this.lineOf));
    }
    const fields = checked.data ?? {};
    const grace = this.#configured(fields.grace, 'grace') ?? defaultConfiguration.grace;
    const exclude = this.#directories(fields.exclude ?? [], ['exclude']);
    const { stores, tables } = this.#stores(grace);
    this.#checkExclusions(stores, exclude);
    this.#checkRepetitions(stores);
    this.#checkRepeatedTables(tables);
    if (this.#problems.length > 0) throw configurationError(this.file, this.#problems);
    const given = fields.discover ?? {};
    const preset = defaultConfiguration.discover;
    return {
      file: this.file,
      sharedLifetime:
        this.#configured(fields.shared_lifetime, 'shared_lifetime') ??
        defaultConfiguration.sharedLifetime,
      grace,
      shard: this.#configured(fields.shard, 'shard'),
      exclude,
      discover: {
        ini: given.ini ?? preset.ini,
        runPhp: given.run_php ?? preset.runPhp,
        fpm: given.fpm ?? preset.fpm,
        apache: given.apache ?? preset.apache,
        userFiles: given.user_files ?? preset.userFiles,
        processes: given.processes ?? preset.processes,
        documentRoots:
          given.document_roots === undefined
            ? preset.documentRoots
            : this.#directories(given.document_roots, ['discover', 'document_roots']),
      },
      stores,
      tables,
    };
  }

  #directories(paths: readonly ByteString[], key: KeyPath): Configured<ByteString>[] {
    return paths.map((value, at) => ({ value, source: this.#source(this.lineOf([...key, at])) }));
  }

  #note(problems: readonly Problem[]): void {
    for (const problem of problems) this.#problems.push(problem);
  }

  /** The entries that are sound; what the others lack is noted. */
  #stores(grace: Configured<number>): Pick<Configuration, 'stores' | 'tables'> {
    const stores: StoreEntry[] = [];
    const tables: TableEntry[] = [];
    const written: unknown = this.document['store'];
    for (const [at, one] of (Array.isArray(written) ? written : []).entries()) {
      // What is no table of keys has been noted with the document.
      if (typeof one !== 'object' || one === null || Array.isArray(one)) continue;
      if (isTableTarget(one)) {
        const fields = this.#checked(tableFields, one, at);
        const entry = fields && tableEntry(fields, this.#context(grace, at));
        if (entry !== null) tables.push(entry);
      } else {
        const fields = this.#checked(storeFields, one, at);
        const entry = fields && storeEntry(fields, this.#context(grace, at));
        if (entry !== null) stores.push(entry);
      }
    }
    return { stores, tables };
  }

  /** @returns null where something was noted */
  #checked<Fields extends z.ZodType>(
    fields: Fields,
    one: unknown,
    at: number,
  ): z.infer<Fields> | null {
    const checked = fields.safeParse(one);
    if (checked.success) return checked.data;
    this.#note(schemaProblems(checked.error.issues, one, ['store', at], this.lineOf));
    return null;
  }

  #context(grace: Configured<number>, at: number) {
    const lineOf = (key?: string) =>
      this.lineOf(key === undefined ? ['store', at] : ['store', at, key]);
    return {
      grace,
      sourceOf: (key?: string) => this.#source(lineOf(key)),
      report: (key: string | undefined, text: string) =>
        void this.#problems.push({ line: lineOf(key), text }),
    };
  }

  #checkExclusions(stores: readonly StoreEntry[], exclude: Configuration['exclude']): void {
    for (const { path, savePath } of stores) {
      const by = exclude.find(({ value }) => isWithin(tidyPath(path), tidyPath(value)));
      if (by === undefined) continue;
      this.#problems.push({
        line: lineIn(savePath.source),
        text: `'${printable(path)}' is excluded in line ${lineIn(by.source)}; keep one of the two`,
      });
    }
  }

  #checkRepetitions(stores: readonly StoreEntry[]): void {
    const first = new Map<string, StoreEntry>();
    for (const store of stores) {
      // Two kinds of sessions may share a directory.
      const place = `${store.shape.prefix}:${tidyPath(store.path)}`;
      const other = first.get(place);
      if (other === undefined) {
        first.set(place, store);
        continue;
      }
      const path = printable(store.path);
      this.#problems.push({
        line: lineIn(store.savePath.source),
        text: `'${path}' has a [[store]] already, in line ${lineIn(other.source)}; keep one of the two`,
      });
    }
  }

  /** Conditions, and the rules of profiles, may divide a table between several. */
  #checkRepeatedTables(tables: readonly TableEntry[]): void {
    const first = new Map<string, TableEntry>();
    for (const table of tables) {
      const { profile, where = '' } = table.target;
      const place = JSON.stringify([table.id, profile, where]);
      const other = first.get(place);
      if (other === undefined) {
        first.set(place, table);
        continue;
      }
      this.#problems.push({
        line: lineIn(table.source),
        text: `${table.id} has a [[store]] already, in line ${lineIn(other.source)}; keep one of the two`,
      });
    }
  }

  #configured<T>(value: T | undefined, key: string): Configured<T> | null {
    return value === undefined ? null : { value, source: this.#source(this.lineOf([key])) };
  }

  #source(line: number): Source {
    return { kind: 'file', file: this.file, line };
  }
}

function lineIn(source: Source): number {
  return source.kind === 'file' ? source.line : 0;
}

/** TOML is UTF-8. */
function decode(text: ByteString, file: ByteString): string {
  const bytes = toBytes(text);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const broken = text.split('\n').findIndex((line) => !isUtf8(toBytes(line)));
  throw configurationError(file, [{ line: broken + 1, text: 'this is not UTF-8 text' }]);
}

function parseToml(text: string, file: ByteString): TomlTable {
  try {
    return parse(text, { maxDepth: maxNesting });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The parser's message goes on with an excerpt.
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw configurationError(file, [
      { line: error.line, text: `not valid TOML at column ${error.column}: ${reason}` },
    ]);
  }
}
