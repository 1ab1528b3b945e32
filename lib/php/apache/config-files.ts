/**
 * The files of one configuration, as they are included one by another.
 *
 * Invariant: nobody's files cost more than an allowance of their own. A file that is not read is a
 * warning with the line that names it, and with whose word was lost by it.
 */
import { Allowances } from '../allowances.js';
import { type ByteString, printable } from '../byte-string.js';
import { type ConfigFile, type FileTree, maxFileBytes, Unreadable } from '../file-tree.js';
import { writerOf } from '../ini/ini-places.js';
import { bothSetters, orRoot, type Setter, type Source } from '../provenance.js';
import type { WarningList } from '../warning-list.js';
import { includedFiles, maxFiles, maxUserFiles } from './include-files.js';

const maxBytes = 32 * 2 ** 20;
const maxUserBytes = 256 * 1024;

export class ConfigFiles {
  readonly #tree: FileTree;
  readonly #warnings: WarningList;
  readonly #files = new Allowances(maxFiles, maxUserFiles);
  readonly #bytes = new Allowances(maxBytes, maxUserBytes);

  constructor(tree: FileTree, warnings: WarningList) {
    this.#tree = tree;
    this.#warnings = warnings;
  }

  /** What a user's text costs besides: that of macros and variables. */
  takeBytes(setBy: Setter, bytes: number): boolean {
    return this.#bytes.take(setBy, bytes);
  }

  tooLarge(setter: Setter): string {
    const size = setter === 0 ? `${maxBytes / 2 ** 20} MiB` : `${maxUserBytes / 1024} KiB`;
    return `the configuration is larger than ${size}: the rest is not read`;
  }

  /**
   * The file, unless there is a reason not to read it.
   *
   * @param from the line that includes it; undefined: it is the main file
   */
  read(path: ByteString, setBy: Setter, from: Source | undefined): ConfigFile | undefined {
    const place = this.#tree.find(path);
    const owner = bothSetters(setBy, orRoot(place.setBy));
    const lose = (message: string): undefined => {
      this.#warnings.add(message, from, owner);
    };
    if (!this.#files.take(owner, 1))
      return lose(`more than ${this.#files.of(owner)} files: the rest is not read`);
    if (this.#bytes.isUsedUp(owner)) return lose(this.tooLarge(owner));
    const file =
      place instanceof Unreadable
        ? place
        : this.#tree.read(path, Math.min(maxFileBytes, this.#bytes.of(owner)));
    if (file instanceof Unreadable) {
      const message = `${printable(path)} cannot be read: ${file.reason}`;
      if (!file.isClosedToAll) return lose(message);
      this.#warnings.add(message, from);
      return undefined;
    }
    if (!this.#bytes.take(owner, file.text.length)) return lose(this.tooLarge(owner));
    // Apache does not start with an empty one.
    if (from === undefined && file.text.trim() === '')
      lose(`${printable(path)} is empty: was it cut short?`);
    return file;
  }

  /** The files that an `Include` names. */
  included(
    path: ByteString,
    { isOptional, source, setBy }: { isOptional: boolean; source: Source; setBy: Setter },
  ): readonly ByteString[] {
    const { files, problems } = includedFiles(this.#tree, path);
    for (const problem of problems) {
      if (isOptional && problem.reason === 'ENOENT') continue;
      const isMissing = new Unreadable(problem.reason).isClosedToAll;
      this.#warnings.add(
        `${printable(problem.path)} cannot be read: ${problem.reason}`,
        source,
        isMissing && problem.reason !== 'ENOENT'
          ? null
          : bothSetters(setBy, problem.setBy ?? writerOf(this.#tree, problem.path)),
      );
    }
    if (files.length === 0 && problems.length === 0 && !isOptional)
      this.#warnings.add(`${printable(path)} matches no file`, source);
    return files;
  }
}
