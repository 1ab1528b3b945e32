/**
 * An application's files as its recogniser asks for them.
 *
 * Invariant: bounded: no file larger than maxBytes is read, nothing but regular files, each at most once.
 * What could not be read or understood is a doubt, and never an error.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import { type ConfigFile, type FileTree, Unreadable } from '../php/file-tree.js';
import { join } from '../php/paths.js';
import type { Setter, Source } from '../php/provenance.js';
import type { Doubt, Said } from './application.js';
import { BadEnvironment, type Environment } from './dotenv/environment.js';
import type { Surroundings } from './php/expression.js';
import { type PhpFile, readPhp } from './php/file.js';
import { NotPhp } from './php/tokens.js';

/** Laravel's whole cached configuration is some hundred kilobytes. */
const maxBytes = 2 * 2 ** 20;

export class ApplicationFiles {
  readonly tree: FileTree;
  readonly directory: ByteString;
  readonly doubts: Doubt[] = [];
  readonly #read = new Map<ByteString, ConfigFile | null>();

  constructor(tree: FileTree, directory: ByteString) {
    this.tree = tree;
    this.directory = directory;
  }

  path(name: string): ByteString {
    return join(this.directory, name);
  }

  /** Whether there is a regular file. */
  has(name: string): boolean {
    const place = this.tree.find(this.path(name));
    return !(place instanceof Unreadable) && place.stat.isFile();
  }

  hasDirectory(name: string): boolean {
    const place = this.tree.find(this.path(name));
    return !(place instanceof Unreadable) && place.stat.isDirectory();
  }

  /** Null: it is not there, or cannot be read, of which a doubt is kept. */
  text(name: string): ConfigFile | null {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const found = this.tree.read(this.path(name), maxBytes);
    if (found instanceof Unreadable && !found.isMissing) {
      this.doubt(
        { kind: 'file', file: this.path(name), line: 0 },
        `cannot be read (${found.reason})`,
      );
    }
    const file = found instanceof Unreadable ? null : found;
    this.#read.set(name, file);
    return file;
  }

  php(name: string, surroundings: Surroundings = {}): SpokenPhp | null {
    const file = this.text(name);
    if (file === null) return null;
    const directory = file.path.slice(0, file.path.lastIndexOf('/')) || '/';
    const code = readPhp(file.text, { directory, ...surroundings });
    if (code instanceof NotPhp) {
      this.doubt({ kind: 'file', file: file.path, line: code.line }, code.reason);
      return null;
    }
    if (code.isObscure) {
      this.doubt(
        { kind: 'file', file: file.path, line: 0 },
        'sets values in ways that are not followed',
      );
    }
    return { file, code };
  }

  environment(
    name: string,
    read: (text: ByteString, file: ByteString) => Environment | BadEnvironment,
  ): (Environment & { readonly setBy?: Setter }) | null {
    const file = this.text(name);
    if (file === null) return null;
    const values = read(file.text, file.path);
    if (values instanceof BadEnvironment) {
      this.doubt({ kind: 'file', file: file.path, line: values.line }, values.reason);
      return null;
    }
    return values;
  }

  /** Who could have written a file that was read; nobody but root where it was not. */
  setterOf(name: string): Setter {
    return this.#read.get(name)?.setBy ?? 0;
  }

  doubt(source: Source, reason: string): void {
    this.doubts.push({ source, reason });
  }
}

export interface SpokenPhp {
  readonly file: ConfigFile;
  readonly code: PhpFile;
}

export function said<T>(value: T, { path, setBy }: ConfigFile, line: number): Said<T> {
  return { value, source: { kind: 'file', file: path, line }, setBy };
}

/** A name or a path as text that may be shown and quoted: UTF-8, where it is that. */
export function decoded(text: ByteString): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

export { printable };
