/**
 * Lines that set one of PHP's settings, in files that are known to have been read: for what only people
 * are told, and no session's life depends on.
 *
 * Invariant: a line counts as it is written in php.ini, in a pool (`php_value[...]`) or in Apache's
 * configuration (`php_value ...`); where a file sets it twice, the last line holds.
 */
import { printable } from './byte-string.js';
import { type FileTree, Unreadable } from './file-tree.js';

export interface WrittenSetting {
  readonly value: string;
  /** As `/etc/php/8.2/fpm/php.ini:1432`. */
  readonly source: string;
}

/** @param files absolute, inside the tree */
export function writtenSettings(
  name: string,
  files: readonly string[],
  tree: FileTree,
): WrittenSetting[] {
  const escaped = name.replaceAll('.', '\\.');
  const line = new RegExp(
    `^[ \\t]*(?:${escaped}[ \\t]*=|php_(?:admin_)?value(?:\\[${escaped}\\][ \\t]*=|[ \\t]+${escaped}[ \\t]))[ \\t]*["']?([^"';#\\r\\n]*)`,
  );
  return [...new Set(files)].flatMap((file) => {
    const found = tree.read(file);
    if (found instanceof Unreadable) return [];
    const lines = found.text.split('\n');
    const at = lines.findLastIndex((text) => line.test(text));
    const [, value = ''] = line.exec(lines[at] ?? '') ?? [];
    if (at < 0) return [];
    return [{ value: printable(value.trim()), source: `${printable(file)}:${at + 1}` }];
  });
}
